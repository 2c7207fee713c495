/**
 * The entrances: Spillway's own form alone, as an array, as a stream; CloudEvents in three modes; readings of devices.
 */
export const FORMS = ['single', 'array', 'stream', 'structured', 'binary', 'cloud-batch', 'datastream'] as const

export type Form = typeof FORMS[number]

/** By what an event can be told from others before it is stored. A CloudEvent always has an id of its own. */
export const IDENTITIES = ['none', 'own', 'key', 'both'] as const

export type Identity = typeof IDENTITIES[number]

/** The part that the load is asked to favour: nothing, or one class of priority alone. */
export const BIASES = ['none', 'critical', 'normal'] as const

export type Bias = typeof BIASES[number]

/** How an event was posted; the part of it that is the same for all events of a request. */
export interface Origin {
  readonly form: Form
  readonly identity: Identity
  readonly bias: Bias
}

/** An origin as one small number. */
export function packOrigin ({ form, identity, bias }: Origin): number {
  return FORMS.indexOf(form) + 8 * IDENTITIES.indexOf(identity) + 32 * BIASES.indexOf(bias)
}

/** The origin that such a number stands for. */
export function unpackOrigin (packed: number): Origin {
  return {
    form: FORMS[packed & 7] as Form,
    identity: IDENTITIES[(packed >> 3) & 3] as Identity,
    bias: BIASES[packed >> 5] as Bias
  }
}
