/** As much of a Kubernetes object as the checks look at. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string, labels?: Labels }
  spec?: any
  data?: Record<string, string>
  automountServiceAccountToken?: boolean
}

export type Labels = Record<string, string>

export interface Probe {
  httpGet?: { path: string, port: string | number }
}

export interface Container {
  name: string
  image: string
  envFrom?: { configMapRef: { name: string } }[]
  env?: {
    name: string,
    value?: string,
    valueFrom?: { secretKeyRef: { name: string, key: string, optional?: boolean } }
  }[]
  ports?: { name: string, containerPort: number }[]
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
  resources?: { requests?: Labels, limits?: Labels }
  securityContext?: any
  volumeMounts?: { name: string, mountPath: string }[]
}

/** A maker of pods: its name, their labels, their specification. */
export interface Workload {
  manifest: Manifest
  labels: Labels
  pod: {
    containers: Container[],
    serviceAccountName?: string,
    automountServiceAccountToken?: boolean,
    enableServiceLinks?: boolean,
    terminationGracePeriodSeconds?: number,
    securityContext?: any,
    topologySpreadConstraints?: any[]
  }
}

export function workloadsIn (manifests: readonly Manifest[]): Workload[] {
  return manifests.filter(({ spec }) => spec?.template !== undefined)
    .map((manifest) => ({ manifest, labels: manifest.spec.template.metadata.labels, pod: manifest.spec.template.spec }))
}

/** Those of Spillway itself, which run its image. */
export function ownWorkloadsIn (manifests: readonly Manifest[]): { workload: Workload, container: Container }[] {
  return workloadsIn(manifests).flatMap((workload) => {
    const [container, ...others] = workload.pod.containers
    return container !== undefined && others.length === 0 && container.image.startsWith('spillway:')
      ? [{ workload, container }]
      : []
  })
}

/** Whether a selector of equality or sets picks something with these labels. */
export function selects (selector: { matchLabels?: Labels }, labels: Labels = {}): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value)
}

export const named = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`
