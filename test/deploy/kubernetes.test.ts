import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { eventually } from '../../rig/eventually.ts'
import { endpointsOf } from '../../services/config/endpoints.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { ConfigSchema, type Config } from '../../services/config/schema.ts'
import { isWithin, parseNetworks, type Networks } from '../../services/delivery/networks.ts'
import { PROMETHEUS_RULE, prometheusRule } from '../../scripts/kubernetes/prometheus-rule.ts'
import { startApp, type TestApp } from '../app.ts'
import { named, ownWorkloadsIn, selects, workloadsIn, type Container, type Manifest } from './kubernetes/manifest.ts'
import { FOLDER, missingFiles, parseManifests, rendered, unrendered } from './kubernetes/overlay.ts'
import { schemaErrors } from './kubernetes/schema.ts'

const ROOT = join(FOLDER, '../..')
const overlays = globSync('overlays/*/kustomization.yaml', { cwd: FOLDER }).map((file) => basename(dirname(file)))
  .toSorted()
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

/** An app of each role, for its routes and metrics. */
const [api, worker] = await Promise.all(['api', 'worker'].map((ROLE) => startApp(t, { env: { ROLE } }))) as [
  TestApp,
  TestApp
]
const apps = { api: api.app, worker: worker.app }

/** Where clouds give out credentials to their machines; a pod reaches them over IPv4 here. */
const METADATA_ADDRESSES = ['169.254.169.254', '169.254.170.2', '169.254.170.23', '100.100.100.200', '168.63.129.16']

/** The time that a process takes after SHUTDOWN_DELAY_MS and SHUTDOWN_DEADLINE_MS before it ends in any case. */
const CLOSING_MARGIN_MS = 5_000

/** The overlays as their files are, and as kustomize renders them where it is installed. */
const variants = overlays.flatMap((overlay) => {
  const folder = join(FOLDER, 'overlays', overlay)
  const made = rendered(folder)
  return [
    { name: overlay, manifests: unrendered(folder) },
    ...made === undefined ? [] : [{ name: `${overlay}, rendered`, manifests: made }]
  ]
})
const isRendered = variants.length > overlays.length

/** Secrets that an operator makes. */
const FROM_OUTSIDE = {
  'Secret spillway': {
    REDIS_URL: 'redis://elsewhere:6379',
    DELIVERY_SECRET: 'a secret of some length',
    ADMIN_TOKEN: 'a token of operators'
  }
}

/** The environment of a container, by its ConfigMaps, its Secrets and its own list. */
function environmentOf ({ envFrom = [], env = [] }: Container, manifests: readonly Manifest[]): Record<string, string> {
  const dataOf = (kind: string, name: string) => {
    const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)
    if (found === undefined)
      return FROM_OUTSIDE[`${kind} ${name}` as keyof typeof FROM_OUTSIDE] as Record<string, string> | undefined
    return Object
      .fromEntries(Object.entries(found.data ?? {}).map((
        [key, value]
      ) => [key, kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value]))
  }
  const variables: Record<string, string> = {}
  for (const { configMapRef: { name } } of envFrom) {
    const data = dataOf('ConfigMap', name)
    if (data === undefined) throw new Error(`there is no ConfigMap ${name}`)
    Object.assign(variables, data)
  }
  for (const { name, value, valueFrom } of env) {
    const secret = valueFrom?.secretKeyRef
    const content = value ?? (secret && dataOf('Secret', secret.name)?.[secret.key])
    if (content === undefined && secret?.optional !== true) throw new Error(`nothing sets ${name}`)
    if (content !== undefined) variables[name] = content
  }
  return variables
}

const bytes = (quantity: string) => {
  const [, amount, unit] = /^(\d+)(Mi|Gi)$/.exec(quantity) ?? []
  return Number(amount) * (unit === 'Gi' ? 2 ** 30 : 2 ** 20)
}

t.test('kustomize is there, or the overlays are checked as their files are', async (t) => {
  if (!isRendered) t.comment('neither kubectl nor kustomize is on the PATH: the overlays are not rendered')
  t.strictSame(overlays, ['production', 'quickstart'])
})

t.test('every file is part of something, and what is named is there', async (t) => {
  for (const file of globSync('**/kustomization.yaml', { cwd: FOLDER }))
    t.strictSame(missingFiles(join(FOLDER, dirname(file))), [], file)
  const inFiles = globSync('**/*.yaml', { cwd: FOLDER }).filter((file) => basename(file) !== 'kustomization.yaml')
    .flatMap((file) => parseManifests(readFileSync(join(FOLDER, file), 'utf8'))).map(named)
  const used = new Set(variants.flatMap(({ manifests }) => manifests.map(named)))
  t.strictSame(inFiles.filter((name) => !used.has(name)), [])
})

for (const { name, manifests } of variants) {
  const own = ownWorkloadsIn(manifests).map(({ workload, container }) => {
    const environment = environmentOf(container, manifests)
    return { workload, container, environment, config: loadConfig(environment) as Config }
  })
  const pods = workloadsIn(manifests)
  const of = (kind: string) => manifests.filter((manifest) => manifest.kind === kind)
  const portsOf = (labels: (labels: Record<string, string>) => boolean) =>
    pods.filter((pod) => labels(pod.labels)).flatMap(({ pod }) =>
      pod.containers.flatMap(({ ports = [] }) => ports.map(({ name }) => name))
    )

  t.test(`${name}: every object is of the form of its kind`, async (t) => {
    t.ok(manifests.length > 10)
    for (const manifest of manifests) t.strictSame(await schemaErrors(manifest), [], named(manifest))
    t.equal(new Set(manifests.map(named)).size, manifests.length, 'and of no name are there two')
  })

  t.test(`${name}: an API and workers are configured as the service understands it`, async (t) => {
    t.strictSame(own.map(({ config }) => config.ROLE).toSorted(), ['api', 'worker'])
    const whereEventsGo = own.map(
      ({ environment: { DELIVERY_URL, DELIVERY_SECRET, RULES_FILE, WITHOUT_HANDLER } }) => ({
        DELIVERY_URL, DELIVERY_SECRET, RULES_FILE, WITHOUT_HANDLER
      })
    )
    t.strictSame(whereEventsGo[0], whereEventsGo[1], 'both roles know where events go')
    t.match(whereEventsGo[0], { DELIVERY_URL: '', WITHOUT_HANDLER: /wait|show/ })
    for (const { workload, container, environment, config } of own) {
      for (const key of Object.keys(environment)) t.hasProp(ConfigSchema.properties, key)
      t.equal(container.image, `spillway:${version}`)
      t.equal(config.HOST, '0.0.0.0')
      t.ok(config.REDIS_URL, 'the image has no Redis')
      const port = config.ROLE === 'worker' ? config.WORKER_PORT : config.PORT
      const admin = endpointsOf(config).admin
      t.strictSame(container.ports, [
        { name: 'http', containerPort: port }, ...admin === undefined ? [] : [{ name: 'admin', containerPort: admin.port }]
      ], named(workload.manifest))
      if (admin !== undefined) t.equal(admin.host, '0.0.0.0', 'Prometheus comes from elsewhere')
      t.equal(workload.pod.enableServiceLinks, false)
    }
  })

  t.test(`${name}: probes ask routes that there are, at the port that is open`, async (t) => {
    for (const { container, config } of own) {
      const app = apps[config.ROLE as keyof typeof apps]
      for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const) {
        const { path = '', port } = container[kind]?.httpGet ?? {}
        const [url = ''] = path.split('?')
        t.ok(app.hasRoute({ method: 'GET', url }), `${config.ROLE}: ${kind} ${path}`)
        t.equal(port, 'http')
      }
      t.match(container.livenessProbe, { httpGet: { path: '/api/v1/health/liveness' } })
      t.match(container.readinessProbe, { httpGet: { path: '/api/v1/health/readiness' } })
    }
  })

  t.test(`${name}: a pod has the time that its shutdown takes, and the API is asked long enough to stay away`, async (t) => {
    for (const { workload, config } of own) {
      const longestMs = config.SHUTDOWN_DELAY_MS + config.SHUTDOWN_DEADLINE_MS + CLOSING_MARGIN_MS
      t.ok((workload.pod.terminationGracePeriodSeconds ?? 30) * 1_000 > longestMs, named(workload.manifest))
      if (config.ROLE === 'api') t.ok(config.SHUTDOWN_DELAY_MS >= 5_000)
    }
  })

  t.test(`${name}: what an API answers with spooled is on a disk that outlives its pod`, async (t) => {
    for (const { workload: { manifest }, container, config } of own.filter(({ config }) => config.ROLE === 'api')) {
      t.equal(manifest.kind, 'StatefulSet')
      t.equal(config.READINESS_HOLDS_WHILE_SPOOLING, true)
      const [claim] = manifest.spec.volumeClaimTemplates
      t.match(container.volumeMounts, [{ name: claim.metadata.name, mountPath: config.DATA_DIR }])
      t.ok(bytes(claim.spec.resources.requests.storage) > config.SPOOL_MAX_BYTES)
      t.strictSame(manifest.spec.persistentVolumeClaimRetentionPolicy, { whenDeleted: 'Retain', whenScaled: 'Retain' })
    }
  })

  t.test(`${name}: no pod can do more than it has to`, async (t) => {
    t.match(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'), /^FROM node:\d+-slim$[^]*^USER node$/m)
    for (const { workload } of own)
      t.match(
        workload.pod.securityContext,
        { runAsUser: 1000, runAsGroup: 1000 },
        'the user node of the images of Node.js'
      )
    for (const { manifest, pod } of pods) {
      t.match(pod, {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: Number, seccompProfile: { type: 'RuntimeDefault' } }
      }, named(manifest))
      for (const { securityContext, resources } of pod.containers) {
        t.strictSame(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] }
        })
        t.match(resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
      }
      const accounts = of('ServiceAccount')
      if (pod.serviceAccountName !== undefined)
        t.match(accounts.find(({ metadata }) => metadata.name === pod.serviceAccountName), {
          automountServiceAccountToken: false
        })
    }
  })

  t.test(`${name}: selectors find what they are meant for`, async (t) => {
    for (const { manifest, labels, pod } of pods) {
      t.ok(selects(manifest.spec.selector, labels), named(manifest))
      for (const { labelSelector } of pod.topologySpreadConstraints ?? [])
        t.ok(selects(labelSelector, labels), `${named(manifest)}, spread`)
      if (manifest.kind === 'StatefulSet')
        t.match(of('Service').find(({ metadata }) => metadata.name === manifest.spec.serviceName), {
          spec: { clusterIP: 'None' }
        })
    }
    for (const service of of('Service')) {
      const ports = portsOf((labels) => selects({ matchLabels: service.spec.selector }, labels))
      for (const { targetPort } of service.spec.ports) t.ok(ports.includes(targetPort), named(service))
    }
    for (const budget of of('PodDisruptionBudget'))
      t.equal(pods.filter(({ labels }) => selects(budget.spec.selector, labels)).length, 1, named(budget))
    for (const policy of of('NetworkPolicy')) {
      const { podSelector, ingress = [] } = policy.spec
      const ports = portsOf((labels) => selects(podSelector, labels))
      t.ok(ports.length > 0, named(policy))
      for (const rule of ingress)
        for (const { port } of rule.ports) t.ok(ports.includes(port), `${named(policy)}, port ${port}`)
    }
    for (const monitor of of('ServiceMonitor')) {
      const found = of('Service').filter(({ metadata }) => selects(monitor.spec.selector, metadata.labels))
      t.strictSame(
        found.map(({ metadata }) => metadata.name).toSorted(),
        [own.some(({ config }) => endpointsOf(config).admin) ? 'spillway-admin' : 'spillway-api', 'spillway-worker'],
        'each pod is scraped once, where its metrics are'
      )
      for (const { port } of monitor.spec.endpoints)
        for (const service of found) t.ok(service.spec.ports.some(({ name }: { name: string }) => name === port))
    }
  })

  t.test(`${name}: pods reach the targets of their keys, and no address that gives out credentials`, async (t) => {
    const policies = of('NetworkPolicy').filter(({ spec }) => spec.egress !== undefined)
    const portsFrom = (labels: Record<string, string>) =>
      policies.filter(({ spec }) => selects(spec.podSelector, labels)).flatMap(({ spec }) =>
        spec.egress.flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port)))
    for (const { workload, config } of own) {
      const open = portsFrom(workload.labels)
      const targets = { DNS: 53, REDIS_URL: 6379, OTEL_EXPORTER_OTLP_ENDPOINT: 4318 }
      const https = config.ROLE === 'api' ? { JWT_JWKS_URL: 443 } : { DELIVERY_URL: 443 }
      for (const [key, port] of Object.entries({ ...targets, ...https }))
        t.ok(open.includes(port), `${config.ROLE}: ${key}`)
    }
    const blocks = policies.flatMap(({ spec }) => spec.egress).flatMap(({ to = [] }) => to)
      .flatMap(({ ipBlock }) => ipBlock ?? [])
    t.ok(blocks.length > 1)
    for (const { cidr, except = [] } of blocks) {
      const excepted = parseNetworks(except.join()) as Networks
      for (const address of METADATA_ADDRESSES) t.ok(isWithin(excepted, address), `${cidr} but not ${address}`)
    }
  })

  t.test(`${name}: every pod is behind a policy that denies the rest`, async (t) => {
    const denials = of('NetworkPolicy').filter(({ spec }) =>
      spec.ingress === undefined && spec.egress === undefined && spec.policyTypes.length === 2
    )
    for (const { manifest, labels } of pods)
      t.ok(denials.some(({ spec }) => selects(spec.podSelector, labels)), named(manifest))
  })

  t.test(`${name}: an autoscaler has a target, and nobody else sets its replicas`, async (t) => {
    for (const { spec: { scaleTargetRef, minReplicaCount, maxReplicaCount } } of of('ScaledObject')) {
      const target = manifests.find(({ kind, metadata }) =>
        kind === 'Deployment' && metadata.name === scaleTargetRef.name)
      t.ok(target, scaleTargetRef.name)
      t.ok(minReplicaCount >= 2 && minReplicaCount < maxReplicaCount)
      if (name.endsWith('rendered')) t.notOk(Object.hasOwn(target?.spec, 'replicas'))
    }
  })

  t.test(`${name}: the autoscaler reads the number of workers where it is, with a key that there is`, async (t) => {
    for (const { spec: { triggers: [trigger, ...others] } } of of('ScaledObject')) {
      t.strictSame(others, [])
      const { metadata: { url, valueLocation, targetValue }, authenticationRef } = trigger
      const { hostname, pathname } = new URL(url)
      const [service, namespace, ...domain] = hostname.split('.')
      t.ok(of('Service').some(({ metadata }) => metadata.name === service), hostname)
      t.equal(namespace, of('Namespace')[0]?.metadata.name, 'which asks from another one')
      t.strictSame(domain, ['svc', 'cluster', 'local'])
      const answer = await eventually('the API has seen the queue for long enough', async () => {
        const { statusCode, body } = await apps.api.inject(pathname)
        return statusCode === 200 && JSON.parse(body)
      })
      t.type(valueLocation.split('.').reduce((value: any, member: string) => value[member], answer), 'number')
      t.equal(targetValue, '1', 'the number is that of pods')
      const found = of('TriggerAuthentication').find(({ metadata }) => metadata.name === authenticationRef.name)
      t.strictSame(found?.spec.secretTargetRef, [{ parameter: 'token', name: 'spillway-keys', key: 'scrape-key' }])
      const scrape = of('ServiceMonitor').flatMap(({ spec }) => spec.endpoints).map(({ authorization }) => authorization)
      t.match(scrape, [{ credentials: { name: 'spillway-keys', key: 'scrape-key' } }], 'the key of Prometheus')
    }
  })

  t.test(`${name}: everything is in one namespace, which asks for restricted pods`, async (t) => {
    const [namespace, ...others] = of('Namespace')
    t.strictSame(others, [])
    t.match(namespace?.metadata.labels, { 'pod-security.kubernetes.io/enforce': 'restricted' })
    if (!name.endsWith('rendered')) return
    for (const manifest of manifests.filter(({ kind }) => kind !== 'Namespace'))
      t.equal(manifest.metadata.namespace, namespace?.metadata.name, named(manifest))
  })
}

t.test('a bad manifest is found out', async (t) => {
  const deployment = () =>
    structuredClone(unrendered(join(FOLDER, 'base')).find(({ kind }) => kind === 'Deployment')) as Manifest
  const breakages: [what: string, spoil: (manifest: Manifest) => unknown, error: RegExp][] = [
    ['a misspelt field', ({ spec }) => {
      spec.template.spec.containers[0].redinessProbe = {}
    }, /^\/spec\/template\/spec\/containers\/0\/redinessProbe: unknown$/],
    ['a field of another place', ({ spec }) => {
      spec.template.spec.replicas = 2
    }, /^\/spec\/template\/spec\/replicas: unknown$/],
    ['a text for a number', ({ spec }) => {
      spec.replicas = 'two'
    }, /^\/spec\/replicas: must be integer/],
    ['a number for a text', ({ spec }) => {
      spec.template.spec.containers[0].env[0].value = 3
    }, /^\/spec\/template\/spec\/containers\/0\/env\/0\/value: must be string/],
    ['nothing where something is needed', ({ spec }) => {
      delete spec.selector
    }, /^\/spec: must have required property selector/],
    ['an API that is gone', (manifest) => {
      manifest.apiVersion = 'apps/v1alpha1'
    }, /^there is no apps\/v1alpha1 Deployment$/],
    ['a kind that KEDA does not have', (manifest) => {
      manifest.apiVersion = 'keda.sh/v1alpha1'
    }, /^there is no keda.sh\/v1alpha1 Deployment$/],
    ['a kind that is none', (manifest) => {
      manifest.kind = 'Deploymant'
    }, /^there is no apps\/v1 Deploymant$/]
  ]
  t.strictSame(await schemaErrors(deployment()), [])
  for (const [what, spoil, error] of breakages) {
    const manifest = deployment()
    spoil(manifest)
    const errors = await schemaErrors(manifest)
    t.ok(errors.some((found) => error.test(found)), `${what}: ${errors.join(', ')}`)
  }
})

t.test('a bad autoscaler is found out', async (t) => {
  const scaled = () => structuredClone(
    unrendered(join(FOLDER, 'overlays/production')).find(({ kind }) => kind === 'ScaledObject')
  ) as Manifest
  const breakages: [spoil: (spec: any) => unknown, error: RegExp][] = [
    [(spec) => { spec.triggers[0].metadata.targetValue = 1 }, /\/spec\/triggers\/0\/metadata\/targetValue: Expected string/],
    [(spec) => { spec.minReplicas = 2 }, /\/spec\/minReplicas: Unexpected property/],
    [(spec) => { delete spec.triggers[0].metadata.valueLocation }, /valueLocation: Expected required property/]
  ]
  t.strictSame(await schemaErrors(scaled()), [])
  for (const [spoil, error] of breakages) {
    const manifest = scaled()
    spoil(manifest.spec)
    t.match((await schemaErrors(manifest)).join(', '), error)
  }
})

t.test('the rules of the Prometheus operator are those of Prometheus', async (t) => {
  t.equal(readFileSync(PROMETHEUS_RULE, 'utf8'), prometheusRule(), 'npm run prometheus-rule writes them anew')
})

t.test('every dashboard is handed to Grafana', async (t) => {
  const grafana = join(ROOT, 'deploy/grafana')
  const { configMapGenerator: [generator] } = parse(readFileSync(join(grafana, 'kustomization.yaml'), 'utf8'))
  t.strictSame(generator.files.toSorted(), globSync('dashboards/*.json', { cwd: grafana }).toSorted())
  t.match(generator.options.labels, { grafana_dashboard: '1' })
})
