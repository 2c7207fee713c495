import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import type { Manifest } from './manifest.ts'

export const FOLDER = join(import.meta.dirname, '../../../deploy/kubernetes')

interface Generator {
  name: string
  envs?: string[]
  files?: string[]
  literals?: string[]
}

/** A step of a JSON patch (RFC 6902), as far as the manifests use them. */
interface Step {
  op: 'add' | 'remove'
  path: string
  value?: unknown
}

interface Kustomization {
  namespace?: string
  resources?: string[]
  components?: string[]
  configMapGenerator?: Generator[]
  secretGenerator?: Generator[]
  patches?: { target: { kind: string, name: string }, patch: string }[]
}

/** The objects of a YAML text; one that does not parse is an error. */
export function parseManifests (text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0]
    return document.toJS() as Manifest
  })
}

/**
 * The objects of an overlay as its files have them, in a folder that a test may change: with their patches, and
 * generated names without their hash.
 */
export function unrendered (folder: string): Manifest[] {
  const generated = new Map<string, Manifest>()
  const manifests = collect(folder, generated)
  return [...manifests, ...generated.values()]
}

function collect (folder: string, generated: Map<string, Manifest>): Manifest[] {
  const { components = [], ...own } = kustomizationOf(folder)
  const manifests = collectOwn(folder, own, generated, [])
  // A component changes what its overlay has so far.
  for (const path of components) {
    const target = join(folder, path)
    manifests.push(...collectOwn(target, kustomizationOf(target), generated, manifests))
  }
  return manifests
}

function kustomizationOf (folder: string): Kustomization {
  return parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization
}

function collectOwn (
  folder: string, { resources = [], configMapGenerator = [], secretGenerator = [], patches = [] }: Kustomization,
  generated: Map<string, Manifest>, others: readonly Manifest[]
): Manifest[] {
  const manifests = resources.flatMap((path) => {
    const target = join(folder, path)
    return statSync(target).isDirectory() ? collect(target, generated) : parseManifests(readFileSync(target, 'utf8'))
  })
  for (const { target, patch } of patches) {
    const patched = [...others, ...manifests].find(({ kind, metadata }) =>
      kind === target.kind && metadata.name === target.name)
    if (patched === undefined) throw new Error(`there is no ${target.kind} ${target.name} to patch`)
    for (const step of parse(patch) as Step[]) apply(step, patched)
  }
  for (const [kind, generators] of [['ConfigMap', configMapGenerator], ['Secret', secretGenerator]] as const) {
    for (const generator of generators) {
      const before = generated.get(`${kind} ${generator.name}`)?.data
      const encode = (content: string) => kind === 'Secret' ? Buffer.from(content).toString('base64') : content
      const data = Object
        .fromEntries(Object.entries(dataOf(folder, generator)).map(([key, content]) => [key, encode(content)]))
      generated.set(`${kind} ${generator.name}`, {
        apiVersion: 'v1',
        kind,
        metadata: { name: generator.name },
        data: { ...before, ...data }
      })
    }
  }
  return manifests
}

function apply ({ op, path, value }: Step, manifest: Manifest): void {
  const names = path.slice(1).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop() as string
  const parent = names.reduce<any>((object, name) => object[name], manifest)
  if (op === 'remove') delete parent[last]
  else if (last === '-') parent.push(value)
  else parent[last] = value
}

function dataOf (folder: string, { envs = [], files = [], literals = [] }: Generator): Record<string, string> {
  const lines = envs.flatMap((path) => readFileSync(join(folder, path), 'utf8').split('\n')).filter((line) =>
    line !== '' && !line.startsWith('#')
  )
  return Object.fromEntries([
    ...[...lines, ...literals].map((line) =>
      [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const
    ),
    ...files.map((path) => [path.slice(path.lastIndexOf('/') + 1), readFileSync(join(folder, path), 'utf8')] as const)
  ])
}

/** The objects as kustomize makes them; undefined where it is not installed. */
export function rendered (folder: string): Manifest[] | undefined {
  for (const [command, ...args] of [['kubectl', 'kustomize'], ['kustomize', 'build']] as const) {
    const { error, status, stdout, stderr } = spawnSync(command, [...args, folder], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26
    })
    if (error !== undefined) continue
    if (status !== 0) throw new Error(stderr)
    return parseManifests(stdout)
  }
  return undefined
}

/** Paths that kustomizations name and that are not there. */
export function missingFiles (folder: string): string[] {
  const { resources = [], components = [], configMapGenerator = [] } =
    parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')) as Kustomization
  const paths = [
    ...resources,
    ...components,
    ...configMapGenerator.flatMap(({ envs = [], files = [] }) => [...envs, ...files])
  ]
  return paths.filter((path) => !existsSync(join(folder, path)))
}
