import type { Target } from '../facts.ts'
import { error, ok, warning, type Check, type Finding } from '../finding.ts'

const NO_START = 'the service does not start'

/** The consequence of a target that the service cannot connect to. */
const CONSEQUENCES: Readonly<Record<Target['key'], string>> = {
  DELIVERY_URL: 'workers take no batch, and events wait',
  JWT_JWKS_URL: 'JWTs cannot be verified',
  RULES_FILE: 'each event with the web hook is tried again, and becomes a dead letter in the end'
}

const check: Check = ({ outbound: { problem, targets, rulesFile }, config }) => {
  const found: Finding[] = []
  if (problem !== undefined) found.push(error(problem, NO_START, 'correct the file, or unset DELIVERY_CA_FILE'))
  for (const text of rulesFile?.problems ?? []) {
    found.push(error(`RULES_FILE ${rulesFile?.path}: ${text}`, NO_START, 'correct the file, or unset RULES_FILE'))
  }
  for (const target of targets) {
    const name = target.key === 'RULES_FILE' ? 'a web hook of RULES_FILE' : target.key
    if (target.state === 'invalid') found.push(error(`${name}: ${target.problem}`, NO_START, `correct ${target.key}`))
    else if (target.state === 'refused') {
      found.push(error(
        `${name}: ${target.problem}`,
        CONSEQUENCES[target.key],
        `OUTBOUND_NETWORKS=${config.OUTBOUND_NETWORKS} and that address or its network, or another address`
      ))
    } else if (target.state === 'unknown') {
      found.push(warning(
        `${name}: this machine cannot resolve ${target.host}: ${target.problem}`,
        `if the service cannot either, ${CONSEQUENCES[target.key]}`,
        `correct the host in ${target.key}, or its name server`
      ))
    }
  }
  if (found.length > 0) return found
  return [ok(targets.length === 0
    ? 'the service connects to no consumer, web hook or identity provider'
    : `the service may connect to ${[...new Set(targets.map(({ host }) => host))].join(', ')}`)]
}

export default check
