import { Type } from '@fastify/type-provider-typebox'
import { untoldResponse } from '../tell-replicas.ts'

const response = { 200: Type.Object({ isPaused: Type.Boolean() }, { description: 'What the queue says now' }), 503: untoldResponse }

export const pauseSchema = {
  tags: ['metrics'],
  summary: 'Make all workers take no further batch',
  description: 'Batches in work are ended, events still come in. It lasts until the workers are resumed, over restarts too.',
  response
}

export const resumeSchema = { tags: ['metrics'], summary: 'Let all workers take batches again', response }
