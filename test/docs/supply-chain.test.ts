import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './documents.ts'

interface Package {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly optional?: boolean
  readonly dev?: boolean
  readonly cpu?: readonly string[]
  readonly hasInstallScript?: boolean
}

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope: string
  readonly hashes?: readonly { readonly alg: string, readonly content: string }[]
}

/** The lock names no address of a package from the registry. */
const REGISTRY = 'https://registry.npmjs.org/'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const manifest = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies', Record<string, string>>
const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Package> }
const installed = Object.entries(packages).filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true)

t.test('only the packages that the document names run a script when they are installed', async (t) => {
  const [, section = ''] = read('docs/dependencies.md').split('## Install scripts\n')
  const documented = [...section.matchAll(/^- `([^`]+)`: \S/gm)].map(([, name]) => name)
  const running = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ''))
  t.strictSame([...new Set(running)].toSorted(), documented.toSorted())
})

t.test('each package comes from the registry, with a digest, in one version', async (t) => {
  t.ok(installed.length > 100)
  for (const [path, { resolved = REGISTRY, integrity = '', optional = false, cpu }] of installed) {
    if (!resolved.startsWith(REGISTRY)) t.fail(`${path} is from ${resolved}`)
    // The lock has no digests of native parts for other platforms than that on which it was written.
    if (!integrity.startsWith('sha512-') && !(optional && cpu !== undefined)) t.fail(`${path} has no digest`)
  }
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    if (!/^\d+\.\d+\.\d+$/.test(version)) t.fail(`${name} ${version} is a range`)
})

t.test('the bill of materials has each dependency of the service, and none of its tests', async (t) => {
  const env = { ...process.env, NODE_OPTIONS: '' }
  const bill = JSON.parse(execFileSync(process.execPath, ['scripts/sbom.ts'], { cwd: ROOT, encoding: 'utf8', env })) as {
    bomFormat: string
    specVersion: string
    components: Component[]
  }
  t.match(bill, { bomFormat: 'CycloneDX', specVersion: '1.5' })
  const inBill = (name: string) => bill.components.filter((component) => component.name === name)
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    const found = inBill(name).find((component) => component.version === version)
    t.match(found?.hashes, [{ alg: 'SHA-512', content: /^[0-9a-f]{128}$/ }], `${name} ${version}`)
    t.equal(found?.purl, `pkg:npm/${name.replace('@', '%40')}@${version}`)
    t.equal(found?.scope, 'required')
  }
  t.equal(bill.components.length, installed.filter(([, { dev }]) => dev !== true).length, 'and not the service itself')
  t.ok(bill.components.some(({ scope }) => scope === 'optional'))
  t.ok(inBill('ioredis').length > 0)
  for (const name of ['tap', 'knip', 'node']) t.strictSame(inBill(name), [], name)
})
