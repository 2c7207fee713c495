import { Type, type TObject, type TSchema } from '@sinclair/typebox'
import { problemResponse } from '../../../../services/problem/problem-schema.ts'
import { partialOf } from '../../../../services/settings/part.ts'

export const MERGE_PATCH_TYPE = 'application/merge-patch+json'

const Version = Type.Integer({ minimum: 0, description: 'Counts the changes; 0 if there was none' })

const Overrides = Type.Object({}, {
  additionalProperties: true, description: 'The settings that operators have set; all others are as configured'
})

const Change = Type.Object({
  version: Version,
  at: Type.String({ description: 'Time of the change by the clock of Redis, RFC 3339' }),
  by: Type.String({ description: 'The address of the operator' }),
  changes: Type.Array(Type.Object({
    field: Type.String(),
    from: Type.Unknown({ description: 'The previous value on the replica that made the change' }),
    to: Type.Unknown(),
    isConfigured: Type.Boolean({ description: 'True if the field has returned to its configured value' })
  })),
  rollbackTo: Type.Optional(Type.Integer({ description: 'The version whose settings a rollback has restored' })),
  overrides: Overrides
})

const ifMatch = Type.Object({
  'if-match': Type.Optional(Type.String({
    description: 'The ETag of the settings to change; without it the change applies to any version'
  }))
})

export const RollbackSchema = Type.Object({ version: Type.Integer({ minimum: 0 }) }, { additionalProperties: false })

/** The schema of a merge patch: every field of the document is optional and may be null. */
function patchOf (schema: TSchema): TSchema {
  return partialOf(schema, (member) => Type.Union([member, Type.Null()]))
}

/** Documents the routes of the settings that this schema describes. */
export function settingsSchemas (schema: TObject) {
  const tags = ['control']
  const answer = (description: string) => Type.Object(
    { version: Version, settings: schema, overrides: Overrides }, { description }
  )
  const invalid = problemResponse('The type is `invalid-settings`; `errors` names every wrong field.')
  const change = {
    400: invalid,
    413: problemResponse('The body is too large.'),
    415: problemResponse('The body is not JSON.'),
    503: problemResponse('Redis is out of reach, or others change the settings at the same time; try again.')
  }
  return {
    get: {
      tags,
      operationId: 'getSettings',
      summary: 'Get the settings in force, and their version',
      description: 'Answers from the memory of this replica. The ETag header carries the version, for If-Match.',
      response: { 200: answer('The settings in force on this replica.') }
    },
    patch: {
      tags,
      operationId: 'changeSettings',
      summary: 'Change settings while the service runs, on every replica',
      description:
        'A JSON Merge Patch (RFC 7396): fields that are absent keep their values, and null returns a field to its ' +
        'configured value. The change survives restarts. This replica answers once it applies the change; the others ' +
        'follow with their next reading of the queue.',
      headers: ifMatch,
      body: {
        content: {
          [MERGE_PATCH_TYPE]: { schema: patchOf(schema) },
          'application/json': { schema: patchOf(schema) }
        }
      },
      response: {
        200: answer('The settings after the change.'),
        412: problemResponse('The version of the settings differs from If-Match; get the settings and try again.'),
        ...change
      }
    },
    history: {
      tags,
      operationId: 'getSettingsHistory',
      summary: 'List the last 100 changes of the settings, the latest first',
      response: {
        200: Type.Object({ changes: Type.Array(Change) }, {
          description: 'Each change with its time, its operator and its fields.'
        }),
        503: problemResponse('Redis is out of reach; try again.')
      }
    },
    rollback: {
      tags,
      operationId: 'rollBackSettings',
      summary: 'Restore the settings of an earlier version, on every replica',
      description: 'A rollback is a change of its own, with a new version. Version 0 is the configuration.',
      headers: ifMatch,
      body: RollbackSchema,
      response: {
        200: answer('The settings after the rollback.'),
        404: problemResponse('The history has no such version.'),
        412: problemResponse('The version of the settings differs from If-Match; get the settings and try again.'),
        ...change
      }
    }
  }
}
