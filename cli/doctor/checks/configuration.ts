import { ok, warning, type Check } from '../finding.ts'

/** A value that is not allowed does not get here: there is no configuration to look at then. */
const check: Check = ({ unknownKeys, trimmedKeys }) => {
  const findings = [
    ...unknownKeys.map(({ key, suggestion }) =>
      warning(`${key} is not a key of Spillway`, 'it has no effect', `${suggestion}, if that was meant`)),
    ...trimmedKeys.map((key) => warning(
      `${key} has white space around it`,
      'the service removes it; other readers of the same value may not',
      `write the value of ${key} without a line break at its end, as printf '%s' does`
    ))
  ]
  return findings.length > 0 ? findings : [ok('every key of the environment is known and has a value that is allowed')]
}

export default check
