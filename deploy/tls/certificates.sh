#!/usr/bin/env bash
# An authority for one cluster, and a certificate of it for all tasks: ca.crt, tls.crt and tls.key in a new directory, which TENON_TLS then
# names. The key of the authority is not kept.
# Usage: certificates.sh directory [name]
#   name  the name in the certificate, which TENON_TLS_NAME then says; tenon-cluster if not given
set -euo pipefail

directory=$1
name=${2:-tenon-cluster}
umask 077
mkdir "$directory"
cd "$directory"
authority=$(mktemp)
request=$(mktemp)
trap 'rm -f "$authority" "$request"' EXIT

openssl ecparam -name prime256v1 -genkey -noout -out "$authority"
openssl req -x509 -new -key "$authority" -days 365 -subj "/CN=$name authority" -out ca.crt \
  -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'
openssl ecparam -name prime256v1 -genkey -noout -out tls.key
openssl req -new -key tls.key -subj "/CN=$name" -out "$request"
openssl x509 -req -in "$request" -CA ca.crt -CAkey "$authority" -set_serial "0x$(openssl rand -hex 16)" -days 365 -out tls.crt \
  -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$name") 2> /dev/null
