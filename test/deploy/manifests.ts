import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { parseAllDocuments } from 'yaml';
import { repositoryRoot } from '../architecture/source-tree.js';

/** An object of Kubernetes, as it stands in a manifest. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

const folder = join(repositoryRoot, 'deploy/kubernetes');

export const manifestFiles = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** The objects of a manifest. YAML 1.1, as kubectl reads it: there `on` and `0440` mean other things than in 1.2. */
export function readManifest(file: string): KubernetesObject[] {
  const documents = parseAllDocuments(readFileSync(join(folder, file), 'utf8'), {
    version: '1.1',
    strict: true,
    uniqueKeys: true,
  });
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem) throw problem;
    return document.toJS() as KubernetesObject;
  });
}

const schemaOf: Readonly<Record<string, string>> = {
  'batch/v1 Job': 'kubernetes.json#/definitions/io.k8s.api.batch.v1.Job',
  'v1 Service': 'kubernetes.json#/definitions/io.k8s.api.core.v1.Service',
  'v1 ConfigMap': 'kubernetes.json#/definitions/io.k8s.api.core.v1.ConfigMap',
  'v1 Secret': 'kubernetes.json#/definitions/io.k8s.api.core.v1.Secret',
  'v1 PersistentVolumeClaim':
    'kubernetes.json#/definitions/io.k8s.api.core.v1.PersistentVolumeClaim',
  'networking.k8s.io/v1 NetworkPolicy':
    'kubernetes.json#/definitions/io.k8s.api.networking.v1.NetworkPolicy',
  'jobset.x-k8s.io/v1alpha2 JobSet': 'jobset.json#/definitions/JobSet',
};

/** A quantity of resources: `4`, `1.5`, `500m`, `4Gi`. */
const quantity = /^[+-]?(\d+(\.\d*)?|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

const ajv = new Ajv({ strictTypes: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('quantity', quantity);
for (const name of ['kubernetes.json', 'jobset.json']) {
  const text = readFileSync(join(repositoryRoot, 'test/deploy/schemas', name), 'utf8');
  ajv.addSchema(JSON.parse(text) as object);
}

/** What the schema of its kind has against an object: one line an error, none where it is valid. */
export function schemaErrors(object: KubernetesObject): string[] {
  const kind = `${object.apiVersion} ${object.kind}`;
  const schema = schemaOf[kind];
  if (schema === undefined) return [`there is no schema of ${kind}`];
  const validate = ajv.getSchema(schema);
  if (!validate) return [`${schema} is not there`];
  return validate(object) ? [] : (validate.errors ?? []).map(described);
}

const described = ({ instancePath, message, params }: ErrorObject) =>
  `${instancePath}: ${message} ${JSON.stringify(params)}`;
