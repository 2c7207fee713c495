import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startConsumer, type Consumer } from '../rig/consumer.ts'
import { makeFolder } from '../rig/folder.ts'
import { providerEnv } from '../rig/identity-provider.ts'
import { startMeteredService, type MeteredService } from '../rig/metered-service.ts'
import type { Owner } from '../rig/owner.ts'
import { memoryMiBOf } from '../rig/process/usage.ts'
import { startRedis, type RedisProcess } from '../rig/redis.ts'
import { rewrittenStart, type Rewriting } from '../rig/rewriting.ts'
import { signatureOf, startIssuer, type Issuer } from './issuer.ts'
import { makeKeyRing, secretOf, type KeyRing } from './key-ring.ts'
import { NAME, startNameServer, type NameServer } from './name-server.ts'

const HEAP_FLAG = '--max-old-space-size=512'
const ASK_NAME_SERVER = join(import.meta.dirname, 'ask-name-server.ts')
const SECRET_BYTES = 24
/** The last signatures of calls to remember, which no output may show. */
const MOST_SIGNATURES = 32
/** The only address that a service with a name server may deliver to. */
const ALLOWED_HOST = '127.77.0.1'
/** The first request for each loads or makes it, a tenth of a second that no attack has to answer for. */
const LOADED_LATE = ['/openapi.json', '/docs', '/admin/queues', '/admin/queues/api/queues']
/** The user of Redis that the service is, with a password; the rig is another. */
export const REDIS_USER = 'spillway'

/** The surroundings of a service that an attack needs. */
export interface TargetNeeds {
  /** Further environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Gives the service API keys; the producer of critical events has one of them. */
  readonly hasKeys?: boolean
  /** Lets the service accept the JWTs of an identity provider, besides keys. */
  readonly hasIssuer?: boolean
  /** Gives the consumer a name, which the attack lets point elsewhere. Deliveries may go to the consumer alone. */
  readonly hasNameServer?: boolean
}

/** The service under attack, with a Redis and a consumer of its own. */
export interface Target {
  readonly url: string
  readonly port: number
  readonly service: MeteredService
  readonly redis: RedisProcess
  readonly redisPassword: string
  readonly consumer: Consumer
  /** The value of an Authorization header of operators. */
  readonly operator: string
  /** Undefined if the service has no keys. */
  readonly keys: KeyRing | undefined
  /** Undefined if the service accepts no JWT. */
  readonly issuer: Issuer | undefined
  /** Undefined if the consumer has no name. */
  readonly names: NameServer | undefined
  /** The path of DATA_DIR. */
  readonly dataDir: string
  /** Texts that no answer, log line or page may show. */
  readonly secrets: readonly string[]
  /** Signatures of the latest calls. They are no secret of the consumer, but no output may show them. */
  readonly signatures: () => readonly string[]
  readonly stdout: () => string
  readonly isAlive: () => boolean
}

/** Tells whether an attack may not share the service of the others. */
export function needsOwn ({ env, hasKeys = false, hasIssuer = false, hasNameServer = false }: TargetNeeds): boolean {
  return env !== undefined || hasKeys || hasIssuer || hasNameServer
}

/** Starts the service with every secret that it can have set, and with a heap of 512 MB. */
export async function startTarget (
  owner: Owner, { env = {}, hasKeys = false, hasIssuer = false, hasNameServer = false }: TargetNeeds = {},
  rewriting?: Rewriting
): Promise<Target> {
  const [admin, signing, query, redisPassword] = [secret(), secret(), secret(), secret()]
  const redis = await startRedis(owner, {
    extraArgs: ['--user', REDIS_USER, 'on', `>${redisPassword}`, '~*', '&*', '+@all']
  })
  const signatures: string[] = []
  const consumer = await startConsumer(owner, {
    keepsCalls: false,
    ...hasNameServer && { host: ALLOWED_HOST },
    onCall: ({ headers }) => {
      signatures.push(String(headers['webhook-signature']))
      if (signatures.length > MOST_SIGNATURES) signatures.shift()
    }
  })
  const names = hasNameServer ? await startNameServer(owner) : undefined
  if (names !== undefined) names.answers = [[ALLOWED_HOST]]
  const ring = hasKeys ? await makeKeyRing(owner) : undefined
  const issuer = hasIssuer ? await startIssuer(owner) : undefined
  const dataDir = await makeFolder(owner)
  const broken = rewriting && rewrittenStart(rewriting)
  const service = await startMeteredService(owner, {
    REDIS_URL: redis.url.replace('://', `://${REDIS_USER}:${redisPassword}@`),
    ADMIN_TOKEN: admin,
    DATA_DIR: dataDir,
    DELIVERY_URL: `${hasNameServer ? consumer.url.replace(ALLOWED_HOST, NAME) : consumer.url}?key=${query}`,
    DELIVERY_SECRET: `whsec_${Buffer.from(signing).toString('base64')}`,
    ...ring !== undefined && { API_KEYS_FILE: ring.path },
    ...issuer !== undefined && providerEnv({ url: `${issuer.provider.url}?key=${query}` }),
    ...names !== undefined && { NAME_SERVER_PORT: String(names.port), OUTBOUND_NETWORKS: `public, ${ALLOWED_HOST}` },
    ...broken?.env,
    ...env
  }, [HEAP_FLAG, ...hasNameServer ? ['--import', ASK_NAME_SERVER] : [], ...broken?.flags ?? []])
  let stdout = service.log.map((line) => `${JSON.stringify(line)}\n`).join('')
  service.child.stdout?.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
  const operator = `Bearer ${admin}`
  for (const path of LOADED_LATE) {
    await (await fetch(service.url + path, { headers: { authorization: operator } })).arrayBuffer()
  }
  const keySecrets = ring === undefined ? [] : Object.values(ring.keys).map(secretOf)
  const tokenSecrets = issuer === undefined ? [] : [signatureOf(issuer.critical)]
  return {
    url: service.url,
    port: Number(new URL(service.url).port),
    service,
    redis,
    redisPassword,
    consumer,
    operator,
    keys: ring?.keys,
    issuer,
    names,
    dataDir,
    secrets: [admin, signing, query, redisPassword, ...keySecrets, ...tokenSecrets].flatMap(formsOf),
    signatures: () => signatures,
    stdout: () => stdout,
    isAlive: () => isAlive(service.pid)
  }
}

/** The forms in which a secret might be shown: as it is, and as base64, also as a password of Basic. */
function formsOf (text: string): string[] {
  return [text, Buffer.from(text).toString('base64'), Buffer.from(`:${text}`).toString('base64')]
}

function secret (): string {
  return randomBytes(SECRET_BYTES).toString('hex')
}

function isAlive (pid: number): boolean {
  try {
    // A zombie has no memory.
    return memoryMiBOf(pid).rss > 0
  } catch {
    return false
  }
}
