import type { FastifyPluginAsync } from 'fastify'
import { parseReplay } from '../../../../../services/dead-letters/letter-query.ts'
import { beginReplaySchema } from '../schema.ts'

const replay: FastifyPluginAsync = async (fastify) => {
  const { replays } = fastify

  fastify.post('/', { schema: beginReplaySchema, validatorCompiler: () => () => true }, async (request, reply) => {
    const body = parseReplay(request.body)
    if (!body.ok) return reply.invalidQuery(body.errors)
    const { selection, isDryRun } = body.value
    return reply.fromQueue(async () => {
      if (isDryRun) return reply.send({ dryRun: true, ...await replays.dryRun(selection) })
      const begun = await replays.begin(selection)
      if (begun === undefined) return reply.problem({ status: 409, slug: 'too-many-replays', detail: 'Too many replays are going on: wait for one to end, or cancel one' })
      return reply.code(202).header('location', `/api/v1/dead-letters/replays/${begun.id}`).send(begun)
    })
  })
}

export default replay
