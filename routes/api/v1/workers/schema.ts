import { Type } from '@fastify/type-provider-typebox'
import { untoldResponse } from '../tell-replicas.ts'

const response = {
  200: Type.Object({ isPaused: Type.Boolean() }, { description: 'The state of the queue.' }),
  503: untoldResponse
}

export const pauseSchema = {
  tags: ['control'],
  operationId: 'pauseWorkers',
  summary: 'Pause all workers',
  description:
    'Workers finish their batches and take no further ones; the service still accepts events. The pause lasts until ' +
    'the workers are resumed, also across restarts.',
  response
}

export const resumeSchema = { tags: ['control'], operationId: 'resumeWorkers', summary: 'Resume all workers', response }
