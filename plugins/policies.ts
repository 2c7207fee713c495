import { join } from 'node:path'
import fp from 'fastify-plugin'
import { isPolicyModule, POLICY_SHAPE, type PolicyModule } from '../services/admission/policy.ts'
import { loadFolder, type RegistryEntry } from '../services/registry/load-folder.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The policies of admission, by the names of their files. */
    policyModules: readonly RegistryEntry<PolicyModule>[]
  }
}

const BUILT_IN = join(import.meta.dirname, '../services/admission/policies')

export interface PoliciesOptions {
  /** Folders of further policies; each policy is one file. */
  policyFolders?: readonly string[]
}

export default fp<PoliciesOptions>(async (fastify, { policyFolders = [] }) => {
  const folders = [BUILT_IN, ...policyFolders]
  const modules = await Promise.all(folders.map((folder) => loadFolder(folder, isPolicyModule, POLICY_SHAPE)))
  fastify.decorate('policyModules', modules.flat())
}, { name: 'policies' })
