import { ok, warning, type Check } from '../finding.ts'

/** A value that is not allowed does not get here: there is no configuration to look at then. */
const check: Check = ({ unknownKeys }) => unknownKeys.length === 0
  ? [ok('every key of the environment is known and has a value that is allowed')]
  : unknownKeys.map(({ key, suggestion }) => warning(`${key} is not a key of Spillway`, 'it has no effect', `${suggestion}, if that was meant`))

export default check
