import type { Sabotage } from '../sabotage.ts'

export default {
  description: 'an error repeats the header fields of the request',
  module: 'plugins/problem-details.ts',
  replace: [
    'acceptedTypes(request))\n  return quoted(message)',
    'acceptedTypes(request))\n  return message + JSON.stringify(request.headers)'
  ],
  attack: 'fuzz-content',
  expects: 'secret'
} satisfies Sabotage
