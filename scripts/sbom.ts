/*
 * Writes a bill of materials of what runs in production to standard output: CycloneDX 1.5, from the lock file.
 * `npm sbom --omit dev` leaves out packages that a development dependency needs too, among them ajv and uuid.
 */
import { readFileSync } from 'node:fs'

interface LockedPackage {
  readonly version: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly optional?: boolean
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'))
const own = read('package.json') as { name: string, version: string }
const { packages } = read('package-lock.json') as { packages: Record<string, LockedPackage> }

const components = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version, integrity, license, optional = false }]) => {
    const packageName = path.replace(/^.*node_modules\//, '')
    const purl = `pkg:npm/${packageName.replace('@', '%40')}@${version}`
    const digest = integrity?.replace(/^sha512-/, '')
    return {
      type: 'library', name: packageName, version, purl, 'bom-ref': `${path}@${version}`,
      scope: optional ? 'optional' : 'required',
      ...(digest !== undefined && {
        hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }]
      }),
      ...(license !== undefined && { licenses: [{ expression: license }] })
    }
  })

process.stdout.write(`${JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: { component: { type: 'application', name: own.name, version: own.version, 'bom-ref': `${own.name}@${own.version}` } },
  components
}, undefined, 2)}\n`)
