import { Type } from '@sinclair/typebox'

/** A whole number of milliseconds. */
export const milliseconds = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum, description: `${description}, milliseconds` })

/** A depth of the queue. */
export const threshold = (fallback: number, description: string) =>
  Type.Integer({ default: fallback, minimum: 1, maximum: 1_000_000_000, description: `${description}, events` })

/** A secret. Headers cannot hold control characters, so nobody could present a secret with one. */
export const secret = (minLength: number, description: string) => Type.String({
  minLength,
  pattern: '^\\P{Cc}*$',
  allowed: `text of at least ${minLength} characters without control characters`,
  description
})

/** A URL that requests can be sent to. */
export const httpUrl = (description: string) =>
  Type.String({ pattern: '^https?://', allowed: 'URL that begins with http:// or https://', description })

/** A number of bytes; 0 derives it. */
export const bytes = (description: string, derived: string) =>
  Type.Integer({ default: 0, minimum: 0, description: `${description}, bytes; 0 means ${derived}` })

/** The file of a secret. */
export const secretFile = (key: string) =>
  Type.Optional(Type.String({ minLength: 1, description: `File that holds ${key}, instead of that key; read at the start` }))
