import { counted } from '../../services/terminal/counted.ts'
import { printable } from '../../services/terminal/printable.ts'
import { EXIT } from '../exit-code.ts'
import type { CliCommand } from '../session.ts'

/** The answer of GET /api/v1/autoscaling. */
interface Autoscaling {
  readonly workers: {
    readonly current: number
    readonly needed: number
    readonly neededAtHorizon: number
    readonly horizonSeconds: number
  }
  readonly reason: string
}

const EXAMPLES = `
The number that an autoscaler follows, and why. It ends with 1 while the number is unknown.

Examples:
  $ npx spillway workers
  $ npx spillway workers --json | jq .workers.needed`

const workers: CliCommand = {
  describe: (command, action) => command
    .description('Show how many workers are needed, and why')
    .addHelpText('after', EXAMPLES)
    .action(action(async ({ service, isJson, say, sayJson }) => {
      const answer = await service.ask<Autoscaling>('GET', 'api/v1/autoscaling')
      const { workers: { current, needed, neededAtHorizon, horizonSeconds }, reason } = answer
      if (isJson) {
        sayJson(answer)
        return EXIT.ok
      }
      say(printable(`${counted(current, 'worker')} ${current === 1 ? 'runs' : 'run'}, ${needed} needed, ` +
        `${neededAtHorizon} needed in ${horizonSeconds} s`))
      say(printable(reason))
      return EXIT.ok
    }))
}

export default workers
