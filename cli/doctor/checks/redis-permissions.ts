import { error, ok, warning, type Check } from '../finding.ts'
import { keyPatternOf } from '../../../services/queue/keys.ts'
import { detailsOf } from '../redis-details.ts'

/** Spillway runs without these, but lacks some facts. */
const OPTIONAL = new Set(['CONFIG GET', 'CLIENT LIST'])

const check: Check = (facts) => {
  const redis = detailsOf(facts)
  if (redis === undefined) return []
  if (redis.refused.length === 0) return [ok('this user may run every command that Spillway needs')]
  return redis.refused.map(({ command, neededFor, error: answer }) =>
    OPTIONAL.has(command)
      ? warning(
        `${command} is refused: ${answer}`,
        `${neededFor}; that is unknown here`,
        `ACL SETUSER for this user: +${
          command.toLowerCase().replace(' ', '|')
        }; a hosted Redis shows its settings in the console of the provider`
      )
      : error(
        `${command} is refused: ${answer}`,
        neededFor,
        `ACL SETUSER for this user: ${keyPatternOf(facts.config.NAMESPACE)} &* +${
          command.toLowerCase().replace(' ', '|')
        }`
      )
  )
}

export default check
