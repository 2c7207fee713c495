import { decodeKeyOrder, type KeyOrder } from '../../services/producer/key.ts'
import { KEY_ID_PATTERN } from '../../services/producer/key-text.ts'
import { EXIT, UsageError } from '../exit-code.ts'
import { createKey, listKeys, revokeKey, rotateKey, type MadeKey } from '../keys/api.ts'
import { addToFile } from '../keys/key-file.ts'
import { keyTable } from '../keys/table.ts'
import type { CliCommand, Session } from '../session.ts'
import { collect, dateTime, integer } from '../value.ts'

interface CreateOptions {
  name: string
  organization?: string
  scopes: string
  bestPriority?: number
  type?: readonly string[]
  expiresAt?: string
  file?: string
}

interface RotateOptions {
  graceSeconds?: number
}

const ID = new RegExp(`^${KEY_ID_PATTERN}$`)

const EXAMPLES = `
Examples:
  $ npx spillway keys create --organization acme --name sensors --scopes ingest --best-priority 5
  $ npx spillway keys create --file keys.json --name operator --scopes admin
  $ npx spillway keys list
  $ npx spillway keys rotate <id> --grace-seconds 3600
  $ npx spillway keys revoke <id>`

const keys: CliCommand = {
  describe: (command, action) => {
    command.description('Make, list, rotate and revoke API keys').addHelpText('after', EXAMPLES)
    command.command('list').description('List the keys, without their secrets')
      .action(action(async ({ service, say, sayJson, isJson }) => {
        const listed = await listKeys(service)
        if (isJson) sayJson({ keys: listed })
        else say(listed.length === 0 ? 'no keys' : keyTable(listed))
        return EXIT.ok
      }))
    command.command('create').description('Make a key and print it, once')
      .requiredOption('--name <name>', 'names the key for people and in the log')
      .requiredOption('--scopes <scopes>', 'ingest, read, admin, separated by commas')
      .option('--organization <id>', 'organization of its events and of all that it sees')
      .option('--best-priority <priority>', 'its ceiling; 1 by default', integer(1, 10))
      .option('--type <type>', 'a type that it may post, repeatable; all by default', collect)
      .option('--expires-at <time>', 'end of its validity, RFC 3339', dateTime)
      .option('--file <path>', 'add it to a key file, for API_KEYS_FILE, without a service')
      .action(action<CreateOptions>(async (session, options) => {
        const order = orderOf(options)
        return tell(
          session, await (options.file === undefined ? createKey(session.service, order) : addToFile(options.file, order))
        )
      }))
    command.command('rotate').description('Give a key another secret and print it; the present one counts for a while')
      .argument('<id>', 'the id that the list shows')
      .option(
        '--grace-seconds <seconds>',
        'how long the present secret counts, a day by default; needed if the one before it counts still, which then ends',
        integer(0, 2_592_000)
      )
      .action(action<RotateOptions>(async (session, { graceSeconds }, id = '') =>
        tell(session, await rotateKey(session.service, checked(id), graceSeconds))))
    command.command('revoke').description('Revoke a key on every replica').argument('<id>', 'the id that the list shows')
      .action(action(async ({ service, say, sayJson, isJson }, _options, id = '') => {
        await revokeKey(service, checked(id))
        if (isJson) sayJson({ id, status: 'revoked' })
        else say(`key ${id} is revoked`)
        return EXIT.ok
      }))
  }
}

export default keys

/** @throws UsageError that names every wrong field, as the service would */
function orderOf ({ name, organization, scopes, bestPriority, type, expiresAt }: CreateOptions): KeyOrder {
  const order = decodeKeyOrder({
    name,
    scopes: scopes.split(',').map((scope) => scope.trim()),
    ...(organization !== undefined && { organizationId: organization }),
    ...(bestPriority !== undefined && { bestPriority }),
    ...(type !== undefined && { types: type }),
    ...(expiresAt !== undefined && { expiresAt })
  })
  if (order.ok) return order.value
  throw new UsageError(order.errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
}

/** @throws UsageError for a text that is not the id of a key */
function checked (id: string): string {
  if (ID.test(id)) return id
  throw new UsageError(`${JSON.stringify(id)} is not the id of a key; npx spillway keys list shows them`)
}

function tell ({ say, sayJson, tell: note, isJson }: Session, made: MadeKey): number {
  if (isJson) sayJson(made)
  else {
    if (made.warning !== undefined) note(`warning: ${made.warning}`)
    note('the key is shown once; keep it in a safe place')
    say(made.key)
  }
  return EXIT.ok
}
