import type { TSchema } from '@sinclair/typebox'
import { allowedValues } from '../../services/config/allowed-values.ts'
import { ConfigSchema } from '../../services/config/schema.ts'

const HEAD = `# Every key of the environment with its default. All are optional; an empty value counts as unset.
# Copy this file to .env, and remove the # from the lines to change.
# Generated from services/config/schema.ts by \`npm run env-example\`.
`

/** Returns the text of .env.example. */
export function envExample (): string {
  return [HEAD, ...Object.entries<TSchema>(ConfigSchema.properties).map(([key, schema]) => entry(key, schema))]
    .join('\n')
}

function entry (key: string, schema: TSchema): string {
  return `# ${schema.description}\n# (${allowedValues(schema)})\n# ${key}=${schema.default ?? ''}\n`
}
