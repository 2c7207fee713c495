import { postBody, type HostileRequest } from '../hostile-request.ts'

const attributes = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`ce-a${index}`, '1']))

export default {
  name: 'a binary CloudEvent of 600 attributes',
  send: (url) => postBody(url, 'events', '1', {
    'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'x', ...attributes
  })
} satisfies HostileRequest
