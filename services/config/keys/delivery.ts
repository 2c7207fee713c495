import { Type } from '@sinclair/typebox'
import { httpUrl, milliseconds, secret, secretFile } from '../key-types.ts'

/** Keys of handlers: rules, deliveries, and where both may connect. */
export const deliveryKeys = {
  WITHOUT_HANDLER: Type.Union([Type.Literal('wait'), Type.Literal('show'), Type.Literal('discard')], {
    default: 'wait',
    description:
      'A worker with neither DELIVERY_URL nor RULES_FILE takes no batch, and events wait; or prints each event on ' +
      'standard output and finishes it, which npm start does with ROLE all; or silently finishes events'
  }),
  RULES_FILE: Type
    .Optional(Type.String({ minLength: 1, description: 'JSON file of rules; read again when it changes' })),
  DELIVERY_URL: Type.Optional(httpUrl('URL to which batches of events are posted')),
  DELIVERY_CA_FILE: Type.Optional(Type.String({
    minLength: 1,
    description: 'PEM file of authorities that sign certificates of consumers, web hooks and the key set, besides the usual ones'
  })),
  OUTBOUND_NETWORKS: Type.String({
    default: 'public, private, loopback',
    minLength: 1,
    allowed: 'public, private, loopback, link-local, addresses and CIDR networks, separated by commas',
    description:
      'Addresses to which deliveries, web hooks of rules and the reading of JWT_JWKS_URL may connect, checked on the ' +
      'address to which a name resolves'
  }),
  OUTBOUND_HOSTS: Type.Optional(Type.String({
    pattern: '^(\\*\\.)?[A-Za-z0-9.:-]+( *, *(\\*\\.)?[A-Za-z0-9.:-]+)*$',
    allowed: 'host names, *. before a name for all under it, and addresses, separated by commas',
    description: 'Hosts to which deliveries, web hooks of rules and the reading of JWT_JWKS_URL may connect; unset: any'
  })),
  DELIVERY_SECRET: Type.Optional(secret(16, 'Signs deliveries by the Standard Webhooks scheme; whsec_ and base64')),
  DELIVERY_SECRET_FILE: secretFile('DELIVERY_SECRET'),
  DELIVERY_TIMEOUT_MS: milliseconds(10_000, 1, 3_600_000, 'How long one delivery may take'),
  DELIVERY_MAX_RETRY_AFTER_MS: milliseconds(
    300_000,
    250,
    3_600_000,
    'Longest wait that a consumer can ask for by Retry-After'
  ),
  DELIVERY_MAX_DEFERRALS: Type.Integer({
    default: 20,
    minimum: 0,
    maximum: 1_000_000,
    description:
      'How often a consumer can defer one event without an attempt (429, 503); then each deferral uses up an attempt'
  }),
  DELIVERY_MAX_DEFERRAL_MS: milliseconds(
    3_600_000,
    0,
    604_800_000,
    'How long a consumer can defer one event without an attempt while it accepts others'
  )
}
