import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { PolicyModule } from '../admission/policy.ts'
import type { RegistryEntry } from '../registry/load-folder.ts'
import { modeSchema, type SettingsPart } from './part.ts'

const MODE = { mode: modeSchema('Refuse; decide, count and log but admit all; or admit all') }

/**
 * Returns the parts of the settings of policies, each under the name of its policy. A quota has a mode of its
 * own, so a new one can be observed while load is shed. A right cannot be switched off. A policy that follows another
 * part has none.
 *
 * @throws Error that names a policy with defaults that its own schema refuses
 */
export function policyParts (policies: readonly RegistryEntry<PolicyModule>[]): RegistryEntry<SettingsPart>[] {
  return policies.flatMap(({ name, value: { kind = 'load', settings, part } }) => {
    if (part !== undefined) return []
    const hasMode = kind === 'quota'
    if (!hasMode && settings === undefined) return []
    const value: SettingsPart = {
      schema: Type.Object(
        { ...(hasMode && MODE), ...settings?.schema.properties }, { additionalProperties: false }
      ),
      defaults: () => ({ ...(hasMode && { mode: 'true' }), ...settings?.defaults() })
    }
    const [wrong] = settings === undefined ? [] : Value.Errors(settings.schema, settings.defaults())
    if (wrong !== undefined) {
      throw new Error(`policy ${name}: the default of the setting ${wrong.path} is wrong: ${wrong.message}`)
    }
    return [{ name, value }]
  })
}
