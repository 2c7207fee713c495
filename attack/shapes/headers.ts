import { BAD, GET, HOST, OK, post, LENGTH, type ShapeCategory } from '../shape.ts'

const withField = (field: string) => `${GET}${HOST}${field}\r\n\r\n`

export default {
  category: 'header fields',
  shapes: [
    { name: 'no Host', text: `${GET}\r\n`, answers: BAD },
    { name: 'two Host fields', text: `${GET}${HOST}${HOST}\r\n`, answers: BAD },
    { name: 'an empty Host', text: `${GET}Host:\r\n\r\n`, answers: [[200, 400, 403]] },
    { name: 'a Host with a path', text: `${GET}Host: localhost/x\r\n\r\n`, answers: [[200, 400, 403]] },
    { name: 'a space before the colon', text: withField('X-A : b'), answers: BAD },
    { name: 'a space before the colon of Content-Length', text: post(`Content-Length : 28\r\n`), answers: BAD },
    { name: 'a field without a colon', text: withField('nothing'), answers: BAD },
    { name: 'a field without a name', text: withField(': b'), answers: BAD },
    { name: 'a name with a space', text: withField('X A: b'), answers: BAD },
    { name: 'a name with a NUL', text: withField('X\0A: b'), answers: BAD },
    { name: 'a name beyond ASCII', text: withField('X\u00e9: b'), answers: BAD },
    { name: 'a value with a NUL', text: withField('X-A: b\0c'), answers: BAD },
    { name: 'a value with a bare CR', text: withField('X-A: b\rc'), answers: BAD },
    { name: 'a value with a bare LF', text: withField('X-A: b\nX-B: c'), answers: BAD },
    { name: 'a value with a control', text: withField('X-A: b\u0001c'), answers: BAD },
    { name: 'a value with DEL', text: withField('X-A: b\u007fc'), answers: BAD },
    { name: 'a value beyond ASCII', text: withField('X-A: b\u00ff'), answers: OK },
    { name: 'an empty value', text: withField('X-A:'), answers: OK },
    { name: 'white space around a value', text: withField('X-A: \t b \t'), answers: OK },
    { name: 'a value folded into the next line', text: withField('X-A: b\r\n c'), answers: BAD },
    { name: 'a first field that is folded', text: `${GET} X: b\r\n${HOST}\r\n`, answers: BAD },
    { name: 'an unknown expectation', text: post(`Expect: magic\r\n${LENGTH}`), answers: [[202, 417]] },
    { name: 'an upgrade to h2c', text: withField('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA'),
      answers: [[200, 400]] },
    { name: 'an upgrade to a WebSocket', text: withField('Connection: Upgrade\r\nUpgrade: websocket'), answers: [[200, 400]] },
    { name: '2,500 fields', text: `${GET}${HOST}${'a:b\r\n'.repeat(2_500)}\r\n`, answers: [[200, 431]] },
    { name: 'a field of 17 KiB', text: withField(`X-A: ${'b'.repeat(17_408)}`), answers: [[431]] }
  ]
} satisfies ShapeCategory
