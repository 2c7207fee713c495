import { Type } from '@sinclair/typebox'
import { httpUrl, milliseconds } from '../key-types.ts'

const claim = (name: string, description: string) => Type.String({
  default: name, minLength: 1, description: `Claim of a JWT with the ${description}`
})

/** The keys of JWTs of an identity provider. */
export const jwtKeys = {
  JWT_JWKS_URL: Type.Optional(httpUrl(
    'URL of the key set of an identity provider; its JWTs then count like API keys; http on loopback only'
  )),
  JWT_ISSUER: Type.Optional(Type.String({ minLength: 1, description: 'Issuer of the JWTs, exactly their claim iss' })),
  JWT_AUDIENCE: Type.Optional(Type.String({
    minLength: 1, description: 'Audience of the JWTs, one of their claim aud: the name of this service at its provider'
  })),
  JWT_ORGANIZATION_CLAIM: claim('organization', 'organization of the events; needed for scope ingest'),
  JWT_SCOPES_CLAIM: claim('scope', 'scopes ingest, read and admin, in a text or in an array; others are ignored'),
  JWT_BEST_PRIORITY_CLAIM: claim('spillway_best_priority', 'ceiling, an integer from 1 to 10'),
  JWT_TYPES_CLAIM: claim('spillway_types', 'types of events that may be posted, an array; without it all types'),
  JWT_BEST_PRIORITY: Type.Integer({
    default: 1, minimum: 1, maximum: 10, description: 'Ceiling of a JWT without the claim JWT_BEST_PRIORITY_CLAIM'
  }),
  JWT_JWKS_REFRESH_MS: milliseconds(300_000, 1_000, 86_400_000, 'Interval at which the key set is read again')
}
