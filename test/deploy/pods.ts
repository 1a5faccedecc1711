import type { Environment } from '@tenon/distributed';
import type { KubernetesObject } from './manifests.js';

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } };
}

export interface Container {
  readonly command: readonly string[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env?: readonly Variable[];
  readonly resources: { readonly requests: { readonly cpu: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly subdomain?: string;
    readonly containers: readonly [Container];
    readonly volumes: readonly {
      readonly name: string;
      readonly secret?: { readonly secretName: string };
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
}

export interface JobSpec {
  readonly completionMode: string;
  readonly completions: number;
  readonly parallelism: number;
  readonly template: PodTemplate;
}

export interface Job extends KubernetesObject {
  readonly spec: JobSpec;
}

export interface JobSet extends KubernetesObject {
  readonly spec: {
    readonly successPolicy: { readonly targetReplicatedJobs: readonly string[] };
    readonly replicatedJobs: readonly {
      readonly name: string;
      readonly replicas: number;
      readonly template: { readonly spec: JobSpec };
    }[];
  };
}

export interface ConfigMap extends KubernetesObject {
  readonly data: Readonly<Record<string, string>>;
}

/** A pod as Kubernetes makes it: what its container sees, and the name that others reach it by. */
export interface Pod {
  readonly name: string;
  readonly hostname: string;
  readonly environment: Environment;
  readonly command: readonly string[];
}

/** The pods of an Indexed Job. */
export function podsOfJob(job: Job, configuration: ConfigMap): Pod[] {
  const { completions, template } = job.spec;
  return Array.from({ length: completions }, (_, index) => {
    const hostname = `${job.metadata.name}-${index}`;
    const fields = {
      ...labelled('labels', template.metadata.labels),
      "metadata.labels['batch.kubernetes.io/job-name']": job.metadata.name,
    };
    return pod(template, { index, hostname, fields, configuration });
  });
}

/** The pods of a JobSet, with the annotations that its controller sets. */
export function podsOfJobSet(set: JobSet, configuration: ConfigMap): Pod[] {
  return set.spec.replicatedJobs.flatMap(({ name, replicas, template: { spec } }) =>
    Array.from({ length: replicas * spec.completions }, (_, k) => {
      const [job, index] = [Math.floor(k / spec.completions), k % spec.completions];
      const fields = labelled('annotations', {
        'jobset.sigs.k8s.io/jobset-name': set.metadata.name,
        'jobset.sigs.k8s.io/replicatedjob-name': name,
        'jobset.sigs.k8s.io/job-index': `${job}`,
      });
      const hostname = `${set.metadata.name}-${name}-${job}-${index}`;
      return pod(spec.template, {
        index,
        hostname,
        fields,
        configuration,
        domain: set.metadata.name,
      });
    }),
  );
}

const labelled = (kind: 'labels' | 'annotations', values: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`metadata.${kind}['${key}']`, value]),
  );

function pod(
  template: PodTemplate,
  given: {
    readonly index: number;
    readonly hostname: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly configuration: ConfigMap;
    /** The subdomain, where a controller and not the template gives it. */
    readonly domain?: string;
  },
): Pod {
  const [container] = template.spec.containers;
  const environment: Record<string, string> = { JOB_COMPLETION_INDEX: `${given.index}` };
  for (const { configMapRef } of container.envFrom ?? []) {
    if (configMapRef.name !== given.configuration.metadata.name) {
      throw new Error(`there is no ConfigMap ${configMapRef.name}`);
    }
    Object.assign(environment, given.configuration.data);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const path = valueFrom?.fieldRef.fieldPath;
    const text = path === undefined ? value : given.fields[path];
    if (text === undefined) throw new Error(`nothing gives ${name} its value`);
    environment[name] = text;
  }
  const domain = template.spec.subdomain ?? given.domain;
  const name = `${given.hostname}.${domain}`;
  return { name, hostname: given.hostname, environment, command: container.command };
}
