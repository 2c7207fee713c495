/* The kinds of KEDA as far as the manifests use them, after its documentation: other fields are faults. */
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { Manifest } from './manifest.ts'

const API_VERSION = 'keda.sh/v1alpha1'

const strict = { additionalProperties: false }
const Count = Type.Integer({ minimum: 0 })
const Metadata = Type.Object({
  name: Type.String(), namespace: Type.Optional(Type.String()), labels: Type.Record(Type.String(), Type.String())
}, strict)

const Scaling = Type.Object({
  stabilizationWindowSeconds: Count,
  selectPolicy: Type.Union([Type.Literal('Max'), Type.Literal('Min')]),
  policies: Type.Array(Type.Object({
    type: Type.Union([Type.Literal('Percent'), Type.Literal('Pods')]),
    value: Type.Integer({ minimum: 1 }),
    periodSeconds: Type.Integer({ minimum: 1, maximum: 1_800 })
  }, strict))
}, strict)

const KINDS = {
  ScaledObject: Type.Object({
    scaleTargetRef: Type.Object({ name: Type.String() }, strict),
    pollingInterval: Count,
    minReplicaCount: Count,
    maxReplicaCount: Count,
    triggers: Type.Array(Type.Object({
      type: Type.Literal('metrics-api'),
      metricType: Type.Literal('AverageValue'),
      // KEDA reads texts here, so a number without quotes is a fault.
      metadata: Type.Object({
        url: Type.String(), valueLocation: Type.String(), targetValue: Type.String(), authMode: Type.Literal('bearer')
      }, strict),
      authenticationRef: Type.Object({ name: Type.String() }, strict)
    }, strict)),
    advanced: Type.Object({
      horizontalPodAutoscalerConfig: Type.Object({
        behavior: Type.Object({ scaleUp: Scaling, scaleDown: Scaling }, strict)
      }, strict)
    }, strict)
  }, strict),
  TriggerAuthentication: Type.Object({
    secretTargetRef: Type.Array(Type.Object({
      parameter: Type.String(), name: Type.String(), key: Type.String()
    }, strict))
  }, strict)
}

/** Returns the faults of an object of KEDA; undefined if it is none. */
export function kedaErrors (manifest: Manifest): string[] | undefined {
  if (manifest.apiVersion !== API_VERSION) return undefined
  const spec = KINDS[manifest.kind as keyof typeof KINDS]
  if (spec === undefined) return [`there is no ${API_VERSION} ${manifest.kind}`]
  const schema = Type.Object({
    apiVersion: Type.Literal(API_VERSION), kind: Type.Literal(manifest.kind), metadata: Metadata, spec
  }, strict)
  return [...Value.Errors(schema, manifest)].map(({ path, message }) => `${path}: ${message}`)
}
