import type { FastifyPluginAsync } from 'fastify'
import { deadLetterJson } from '../../../../../services/dead-letters/dead-letter.ts'
import { parseReplay } from '../../../../../services/dead-letters/dead-letter-query.ts'
import {
  MOST_UNFINISHED_OF_ORGANIZATION, MOST_UNFINISHED_REPLAYS, type TooManyReplays
} from '../../../../../services/dead-letters/replay-store.ts'
import { JSON_TYPE } from '../../json-type.ts'
import { beginReplaySchema } from '../schema.ts'

const TOO_MANY: Readonly<Record<TooManyReplays, string>> = {
  full: `${MOST_UNFINISHED_REPLAYS} replays are unfinished, the most at a time; wait for one to end, or cancel one`,
  'organization-full':
    `${MOST_UNFINISHED_OF_ORGANIZATION} replays of the organization are unfinished, the most at a time; wait for one of ` +
    'them to end, or cancel one'
}

/** Has room for the largest allowed number of ids. */
const BODY_LIMIT_BYTES = 1_048_576

const replay: FastifyPluginAsync = async (fastify) => {
  const { replays, rootPath } = fastify

  fastify.post('/', {
    schema: beginReplaySchema,
    config: { isOperator: true, scope: 'admin' },
    bodyLimit: BODY_LIMIT_BYTES,
    validatorCompiler: () => () => true
  }, async (request, reply) => {
    const body = parseReplay(request.body)
    if (!body.ok) return reply.invalidBody(body.errors)
    const { selection, isDryRun } = body.value
    const within = request.producer.organizationId
    return reply.fromQueue(async () => {
      if (isDryRun) {
        const { matched, sample } = await replays.dryRun(selection, within)
        return reply
          .type(JSON_TYPE)
          .send(`{"dryRun":true,"matched":${matched},"sample":[${sample.map(deadLetterJson).join(',')}]}`)
      }
      const outcome = await replays.begin(selection, within)
      if ('tooMany' in outcome) {
        return reply.problem({ status: 409, slug: 'too-many-replays', detail: TOO_MANY[outcome.tooMany] })
      }
      const { begun } = outcome
      return reply.code(202).header('location', `${rootPath}/api/v1/dead-letters/replays/${begun.id}`).send(begun)
    })
  })
}

export default replay
