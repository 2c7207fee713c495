import { EXIT } from '../exit-code.ts'
import { organizationTable, organizationText, type Organization } from '../organizations/table.ts'
import { AnswerError } from '../service-api.ts'
import type { CliCommand, Session } from '../session.ts'
import { integer, seconds } from '../value.ts'
import { watch } from '../watch.ts'

const ORGANIZATIONS = 'api/v1/organizations'
const MOST_LISTED = 1_000

interface Options {
  limit: number
  watch?: boolean
  interval: number
}

const EXAMPLES = `
Examples:
  $ npx spillway organizations
  $ npx spillway organizations acme
  $ npx spillway organizations --watch --interval 5 --limit 10
  $ npx spillway organizations acme --json | jq .ledger`

const listing: CliCommand = {
  describe: (command, action) => command
    .description('Show the organizations that post most, or the figures and the statement of one')
    .argument('[id]', "an organization; '' stands for events that name none")
    .option('--limit <number>', 'most organizations of the list', integer(1, MOST_LISTED), 20)
    .option('-w, --watch', 'repeat until Ctrl-C')
    .option('--interval <seconds>', 'time between two screens of --watch', seconds, 2)
    .addHelpText('after', EXAMPLES)
    .action(action<Options>(async (session, { limit, watch: isWatching = false, interval }, id) => {
      const show = (clear = () => {}) =>
        id === undefined ? showList(session, limit, clear) : showOne(session, id, clear)
      if (isWatching) await watch(session, interval, show)
      else await show()
      return EXIT.ok
    }))
}

export default listing

async function showList (
  { service, isJson, say, sayJson }: Session, limit: number, clear: () => void
): Promise<void> {
  const listed = await service.ask<{ organizations: readonly Organization[] }>('GET', `${ORGANIZATIONS}?limit=${limit}`)
  const { organizations } = listed
  if (isJson) return sayJson(listed)
  clear()
  say(organizations.length === 0 ? 'no organization has posted an event lately' : organizationTable(organizations))
}

async function showOne ({ service, isJson, say, sayJson }: Session, id: string, clear: () => void): Promise<void> {
  const organization = hasNoPath(id)
    ? await listedOne(service, id)
    : await service.ask<Organization>('GET', `${ORGANIZATIONS}/${encodeURIComponent(id)}`)
  if (isJson) return sayJson(organization)
  clear()
  say(organizationText(organization))
}

/** Clients of HTTP drop such names from the end of a path. */
function hasNoPath (id: string): boolean {
  return ['', '.', '..'].includes(id)
}

async function listedOne (service: Session['service'], id: string): Promise<Organization> {
  const { organizations } =
    await service.ask<{ organizations: readonly Organization[] }>('GET', `${ORGANIZATIONS}?limit=${MOST_LISTED}`)
  const found = organizations.find(({ organizationId }) => organizationId === id)
  if (found === undefined) throw new AnswerError(404, `no statement is of ${JSON.stringify(id)}`)
  return found
}
