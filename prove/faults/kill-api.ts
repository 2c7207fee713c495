import type { Fault } from '../fault.ts'

export default {
  description: 'the API is killed and started again',
  lastsMs: [100, 1_500],
  inject: ({ api }) => api.kill(),
  end: ({ api }) => { api.start() }
} satisfies Fault
