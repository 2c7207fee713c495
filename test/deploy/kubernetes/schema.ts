import { kedaErrors } from './keda.ts'
import type { Manifest } from './manifest.ts'

/** The export of a package of models for a kind. */
type Model = new () => { validate: () => void }

/** Returns the module with the models of an API. */
function moduleOf ({ apiVersion, kind }: Manifest): string {
  return apiVersion.startsWith('monitoring.coreos.com/')
    ? `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}`
    : `kubernetes-models/${apiVersion}/${kind}`
}

/**
 * Returns the faults of a manifest by the schema of its kind. Kubernetes' schemas allow unknown fields, so a misspelt
 * one comes to be ignored: here a field that the check of the schema never looks at is a mistake too.
 */
export async function schemaErrors (manifest: Manifest): Promise<string[]> {
  const ofKeda = kedaErrors(manifest)
  if (ofKeda !== undefined) return ofKeda
  const module = await import(moduleOf(manifest)).catch(() => ({})) as Record<string, Model | undefined>
  const model = module[manifest.kind]
  if (model === undefined) return [`there is no ${manifest.apiVersion} ${manifest.kind}`]
  const seen = new Set<string>()
  const errors: string[] = []
  try {
    model.prototype.validate.call(observed(manifest, '', seen))
  } catch (error) {
    const { errors: found = [], message } = error as Error & { errors?: { instancePath: string, message?: string }[] }
    errors.push(...found.length > 0
      ? found.map(({ instancePath, message }) => `${instancePath}: ${message}`)
      : [message])
  }
  return [...errors, ...pathsIn(manifest, '').filter((path) => !seen.has(path)).map((path) => `${path}: unknown`)]
}

/** The value, noting the path of every field that is read. */
function observed<T> (value: T, path: string, seen: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get: (target, key) => {
      const field: unknown = Reflect.get(target, key)
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return field
      seen.add(`${path}/${key}`)
      return observed(field, `${path}/${key}`, seen)
    }
  })
}

function pathsIn (value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [`${path}/${key}`, ...pathsIn(field, `${path}/${key}`)]
  )
}
