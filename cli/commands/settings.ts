import { EXIT } from '../exit-code.ts'
import type { CliCommand, Session } from '../session.ts'
import { changeSettings, patchOf, readHistory, readSettings, rollBack, type Settings } from '../settings/api.ts'
import { changeLine, settingsTable } from '../settings/table.ts'
import { integer } from '../value.ts'

interface ChangeOptions {
  ifVersion?: number
}

const version = integer(0, Number.MAX_SAFE_INTEGER)

const EXAMPLES = `
Examples:
  $ npx spillway settings get
  $ npx spillway settings set backpressure.thresholds.warning=20000 backpressure.thresholds.critical=80000
  $ npx spillway settings set backpressure.mode=null
  $ npx spillway settings set 'quotas.organizations."eu.acme".eventsPerSecond=500'
  $ npx spillway settings history
  $ npx spillway settings rollback 3`

const settings: CliCommand = {
  describe: (command, action) => {
    command.description('Show and change settings while the service runs').addHelpText('after', EXAMPLES)
    command.command('get').description('Print the settings in force, and mark those that operators have set')
      .action(action(async (session) => tell(session, await readSettings(session.service))))
    command.command('set').description('Change settings on every replica; null returns a field to its configured value')
      .argument('<field=value...>', 'such as backpressure.thresholds.warning=20000')
      .option('--if-version <version>', 'change nothing if the settings have another version', version)
      .action(action<ChangeOptions>(async (session, { ifVersion }, assignments) => {
        const { service } = session
        // Commander passes a variadic argument as one list.
        const patch = patchOf(assignments as unknown as readonly string[], await readSettings(service))
        return tell(session, await changeSettings(service, patch, ifVersion))
      }))
    command.command('history').description('List the last 100 changes, the latest first')
      .action(action(async ({ service, say, sayJson, isJson }) => {
        const changes = await readHistory(service)
        if (isJson) sayJson({ changes })
        else say(changes.length === 0 ? 'no changes' : changes.map(changeLine).join('\n'))
        return EXIT.ok
      }))
    command.command('rollback').description('Restore the settings of an earlier version; 0 is the configuration')
      .argument('<version>', 'a version that the history lists', version)
      .option('--if-version <version>', 'change nothing if the settings have another version', version)
      .action(action<ChangeOptions>(async (session, { ifVersion }, to) =>
        tell(session, await rollBack(session.service, Number(to), ifVersion))))
  }
}

export default settings

function tell ({ say, sayJson, isJson }: Session, current: Settings): number {
  if (isJson) sayJson(current)
  else say(settingsTable(current))
  return EXIT.ok
}
