import { EXIT, UsageError } from '../exit-code.ts'
import { addToFile } from '../keys/key-file.ts'
import { keyTable, type ShownKey } from '../keys/table.ts'
import type { CliCommand, Session } from '../session.ts'
import { collect, dateTime, integer } from '../value.ts'

const KEYS = 'api/v1/keys'

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
        const listed = await service.ask<{ keys: readonly ShownKey[] }>('GET', KEYS)
        if (isJson) sayJson(listed)
        else say(listed.keys.length === 0 ? 'no keys' : keyTable(listed.keys))
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
        if (options.file === undefined) return tell(session, await session.service.ask('POST', KEYS, order))
        const { id, key, order: rights } = await addToFile(options.file, order)
        return tell(session, { id, ...rights, source: 'file', key })
      }))
    command.command('rotate').description('Give a key another secret and print it; the present one counts for a while')
      .argument('<id>', 'the id that the list shows')
      .option('--grace-seconds <seconds>', 'how long the present secret counts; a day by default', integer(0, 2_592_000))
      .action(action<RotateOptions>(async (session, { graceSeconds }, id = '') => tell(
        session, await session.service.ask('POST', `${pathOf(id)}/rotate`, graceSeconds === undefined ? {} : { graceSeconds })
      )))
    command.command('revoke').description('Revoke a key on every replica').argument('<id>', 'the id that the list shows')
      .action(action(async ({ service, say, sayJson, isJson }, _options, id = '') => {
        await service.ask('DELETE', pathOf(id), undefined, [])
        if (isJson) sayJson({ id, status: 'revoked' })
        else say(`key ${id} is revoked`)
        return EXIT.ok
      }))
  }
}

export default keys

function orderOf ({ name, organization, scopes, bestPriority, type, expiresAt }: CreateOptions): object {
  return {
    name,
    scopes: scopes.split(',').map((scope) => scope.trim()),
    ...(organization !== undefined && { organizationId: organization }),
    ...(bestPriority !== undefined && { bestPriority }),
    ...(type !== undefined && { types: type }),
    ...(expiresAt !== undefined && { expiresAt })
  }
}

function pathOf (id: string): string {
  if (!/^[0-9A-Za-z]+$/.test(id)) throw new UsageError(`${JSON.stringify(id)} is not the id of a key`)
  return `${KEYS}/${id}`
}

function tell ({ say, sayJson, tell: note, isJson }: Session, made: ShownKey & { readonly key: string }): number {
  if (isJson) sayJson(made)
  else {
    note('the key is shown once; keep it in a safe place')
    say(made.key)
  }
  return EXIT.ok
}
