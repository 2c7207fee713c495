import type { FastifyPluginAsync } from 'fastify'
import { settingsSchemas } from '../schema.ts'

const history: FastifyPluginAsync = async (fastify) => {
  const { settingsModel, settingsStore } = fastify

  fastify.get('/', {
    schema: settingsSchemas(settingsModel.schema).history, config: { isOperator: true, scope: 'read', isForWholeService: true }
  }, async (_request, reply) => reply.fromQueue(async () => reply.send({ changes: await settingsStore.history() })))
}

export default history
