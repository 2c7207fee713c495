import { ok, warning, type Check } from '../finding.ts'

/** An invalid value does not get here: without a configuration no check runs. */
const check: Check = ({ unknownKeys, trimmedKeys }) => {
  const findings = [
    ...unknownKeys.map(({ key, suggestion }) =>
      warning(`${key} is not a key of Spillway`, 'it has no effect', `use ${suggestion} if you meant that`)),
    ...trimmedKeys.map((key) => warning(
      `${key} has white space around it`,
      'the service removes it, but other programs with the same value may not',
      `write the value of ${key} without a line break at its end, as printf '%s' does`
    ))
  ]
  return findings.length > 0 ? findings : [ok('every key of the environment is known and has a valid value')]
}

export default check
