import { error, ok, warning, type Check } from '../finding.ts'
import { keyPatternOf } from '../../../services/queue/keys.ts'
import { detailsOf } from '../redis-details.ts'

/** Without these Spillway runs, but cannot tell something. */
const OPTIONAL = new Set(['CONFIG GET', 'CLIENT LIST'])

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  if (redis.refused.length === 0) return [ok('this user may run every command that is needed')]
  return redis.refused.map(({ command, neededFor, error: answer }) => OPTIONAL.has(command)
    ? warning(`${command} is refused: ${answer}`, `${neededFor}; what it would have told is unknown here`, `ACL SETUSER for this user: +${command.toLowerCase().replace(' ', '|')}; a hosted Redis shows its settings in the console of the provider`)
    : error(`${command} is refused: ${answer}`, neededFor, `ACL SETUSER for this user: ${keyPatternOf(facts.config.NAMESPACE)} &* +${command.toLowerCase().replace(' ', '|')}`))
}

export default check
