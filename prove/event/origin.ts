/**
 * The entrances: Spillway's own form alone, as an array, as a stream; CloudEvents in three modes; readings of devices.
 */
export const FORMS = ['single', 'array', 'stream', 'structured', 'binary', 'cloud-batch', 'datastream'] as const

export type Form = typeof FORMS[number]

/** The identity of an event before it is stored. A CloudEvent always has its own id. */
export const IDENTITIES = ['none', 'own', 'key', 'both'] as const

export type Identity = typeof IDENTITIES[number]

/** A preference of the load: none, only events of one priority class, or only events that expire soon. */
export const BIASES = ['none', 'critical', 'normal', 'short-lived'] as const

export type Bias = typeof BIASES[number]

/** How an event was posted: the facts that all events of a request share. */
export interface Origin {
  readonly form: Form
  readonly identity: Identity
  readonly bias: Bias
}

/** Encodes an origin as a small number. */
export function packOrigin ({ form, identity, bias }: Origin): number {
  return FORMS.indexOf(form) + 8 * IDENTITIES.indexOf(identity) + 32 * BIASES.indexOf(bias)
}

/** Decodes such a number. */
export function unpackOrigin (packed: number): Origin {
  return {
    form: FORMS[packed & 7] as Form,
    identity: IDENTITIES[(packed >> 3) & 3] as Identity,
    bias: BIASES[packed >> 5] as Bias
  }
}
