import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  addressOf,
  chiefOf,
  readCredentials,
  resolveCluster,
  type TaskIdentity,
  tasksOf,
} from '@tenon/distributed';
import { expect } from 'chai';
import { repositoryRoot } from '../architecture/source-tree.js';
import { type KubernetesObject, manifestFiles, readManifest, schemaErrors } from './manifests.js';
import {
  type ConfigMap,
  type Job,
  type JobSet,
  type Pod,
  type PodTemplate,
  podsOfJob,
  podsOfJobSet,
} from './pods.js';

const objects = manifestFiles.flatMap(readManifest);

function find<T extends KubernetesObject>(kind: string): T {
  const found = objects.find((object) => object.kind === kind);
  if (!found) throw new Error(`no manifest has a ${kind}`);
  return found as T;
}

const configuration = find<ConfigMap>('ConfigMap');
const jobSet = find<JobSet>('JobSet');
const job = find<Job>('Job');
const templates: readonly PodTemplate[] = [
  job.spec.template,
  ...jobSet.spec.replicatedJobs.map(({ template }) => template.spec.template),
];

describe('the manifests of Kubernetes', () => {
  for (const file of manifestFiles) {
    it(`${file} meets the schemas of its kinds`, () => {
      expect(readManifest(file).flatMap(schemaErrors)).to.deep.equal([]);
    });
  }

  // A schema that accepts everything would make the tests above say nothing.
  const broken: readonly [what: string, change: (copy: { spec: object }) => void, error: RegExp][] =
    [
      ['an unknown field', (copy) => Object.assign(copy.spec, { paralelism: 3 }), /paralelism/],
      ['a count that is text', (copy) => Object.assign(copy.spec, { completions: '7' }), /integer/],
      ['a missing template', (copy) => Reflect.deleteProperty(copy.spec, 'template'), /template/],
      [
        'another completion mode',
        (copy) => Object.assign(copy.spec, { completionMode: 'Index' }),
        /allowed values/,
      ],
    ];
  for (const [what, change, error] of broken) {
    it(`would be refused for ${what}`, () => {
      const copy = structuredClone(job);
      change(copy);
      expect(schemaErrors(copy).join('\n')).to.match(error);
    });
  }

  it('would be refused for a role of a JobSet without a name, or a policy that is not there', () => {
    const copy = structuredClone(jobSet) as unknown as { spec: Record<string, unknown> };
    copy.spec = { ...copy.spec, replicatedJobs: [{}], successPolicy: { operator: 'Some' } };
    const errors = schemaErrors(copy as unknown as KubernetesObject).join('\n');
    expect(errors).to.match(/replicatedJobs\/0: .*'name'/);
    expect(errors).to.match(/successPolicy\/operator/);
  });

  const clusters: readonly [name: string, pods: Pod[]][] = [
    ['the JobSet', podsOfJobSet(jobSet, configuration)],
    ['the Indexed Job', podsOfJob(job, configuration)],
  ];
  for (const [name, pods] of clusters) {
    it(`tell every pod of ${name} the same cluster, and its own task`, () => {
      const found = pods.map(({ environment, hostname }) =>
        resolveCluster(environment, { hostname }),
      );
      const cluster = found[0]?.cluster ?? {};
      for (const one of found) expect(one?.cluster).to.deep.equal(cluster);
      expect(found.map((one) => one?.task)).to.deep.equal(tasksOf(cluster));
      expect(
        Object.entries(cluster)
          .map(([role, tasks]) => `${role}=${tasks.length}`)
          .join(),
      ).to.equal('chief=1,ps=2,worker=4');
      for (const [k, { name: reached }] of pods.entries()) {
        const address = addressOf(cluster, found[k]?.task as TaskIdentity);
        expect(address).to.deep.equal({ host: reached, port: 2222 });
      }
    });

    it(`start the scripts of deploy/ or tenon in ${name}, and the training script at the chief`, () => {
      for (const { environment, hostname, command } of pods) {
        const { cluster = {}, task } = resolveCluster(environment, { hostname }) ?? {};
        const [program = '', ...rest] = command;
        if (program === 'tenon') {
          expect(rest).to.deep.equal(['worker']);
          expect(task).not.to.deep.equal(chiefOf(cluster));
        } else {
          const script = join(repositoryRoot, program.replace('/opt/tenon/', ''));
          expect(existsSync(script) && (statSync(script).mode & 0o111) !== 0).to.equal(true);
        }
      }
    });
  }

  it('let as many threads compute as there are processors for them', () => {
    for (const { spec } of templates) {
      const [{ env = [], resources }] = spec.containers;
      const threads = env.find(({ name }) => name === 'TENON_THREADS')?.value;
      if (spec.containers[0].command.join(' ').includes('chief.sh')) continue;
      expect(threads).to.equal(resources.requests.cpu);
    }
  });

  it('end with the chief', () => {
    expect(jobSet.spec.successPolicy.targetReplicatedJobs).to.deep.equal(['chief']);
    const [first] = podsOfJob(job, configuration);
    expect(resolveCluster(first?.environment ?? {})?.task).to.deep.equal({ job: 'chief', task: 0 });
    expect(job.spec).to.deep.include({ successPolicy: { rules: [{ succeededIndexes: '0' }] } });
    expect(job.spec.parallelism).to.equal(job.spec.completions);
  });

  it('give the Indexed Job the headless service that names its pods', () => {
    const service = find<KubernetesObject & { spec: object }>('Service');
    expect(service.metadata.name).to.equal(job.spec.template.spec.subdomain);
    expect(service.spec).to.deep.include({
      clusterIP: 'None',
      selector: { 'batch.kubernetes.io/job-name': job.metadata.name },
    });
  });

  it('mount the secret and the volume that other manifests make, where the variables say', () => {
    for (const { spec } of templates) {
      const secret = spec.volumes.find((volume) => volume.secret);
      const claim = spec.volumes.find((volume) => volume.persistentVolumeClaim);
      expect([secret?.secret?.secretName, claim?.persistentVolumeClaim?.claimName]).to.deep.equal([
        find('Secret').metadata.name,
        find('PersistentVolumeClaim').metadata.name,
      ]);
      const [{ volumeMounts }] = spec.containers;
      const mount = volumeMounts.find(({ name }) => name === secret?.name);
      expect(mount?.mountPath).to.equal(configuration.data.TENON_TLS);
    }
    const { stringData } = find<KubernetesObject & { stringData: Record<string, string> }>(
      'Secret',
    );
    const readFile = (path: string) => {
      const text = stringData[path.slice('/etc/tenon/tls/'.length)];
      if (text === undefined) throw new Error(`${path} is not in the secret`);
      return new TextEncoder().encode(text);
    };
    expect(readCredentials(configuration.data, readFile)).to.deep.equal({
      tls: {
        ca: stringData['ca.crt'],
        cert: stringData['tls.crt'],
        key: stringData['tls.key'],
        serverName: 'tenon-cluster',
      },
    });
  });

  it('let tasks reach each other by the label that all pods have', () => {
    const policy = find<KubernetesObject & { spec: { podSelector: object } }>('NetworkPolicy');
    const label = { 'app.kubernetes.io/part-of': 'tenon' };
    expect(policy.spec.podSelector).to.deep.equal({ matchLabels: label });
    for (const { metadata } of templates) expect(metadata.labels).to.include(label);
  });
});
