import { BAD, GET, HOST, OK, type ShapeCategory } from '../shape.ts'

const PATH = '/api/v1/health/liveness'
const line = (text: string) => `${text}\r\n${HOST}\r\n`

export default {
  category: 'request line',
  shapes: [
    { name: 'a valid request', text: `${GET}${HOST}\r\n`, answers: OK },
    { name: 'empty lines before it', text: `\r\n\r\n${GET}${HOST}\r\n`, answers: OK },
    { name: 'absolute form', text: line(`GET http://localhost${PATH} HTTP/1.1`), answers: [[200, 400, 404]] },
    { name: 'authority form without CONNECT', text: line('GET localhost:80 HTTP/1.1'), answers: [[400, 404]] },
    { name: 'asterisk form with GET', text: line('GET * HTTP/1.1'), answers: [[400, 404]] },
    { name: 'no target', text: line('GET HTTP/1.1'), answers: BAD },
    { name: 'two spaces', text: line(`GET  ${PATH} HTTP/1.1`), answers: [[200, 400]] },
    { name: 'a tab for a space', text: line(`GET\t${PATH} HTTP/1.1`), answers: BAD },
    { name: 'a space within the target', text: line('GET /a b HTTP/1.1'), answers: BAD },
    { name: 'a control within the target', text: line('GET /a\u0001 HTTP/1.1'), answers: BAD },
    { name: 'a NUL within the target', text: line('GET /a\0 HTTP/1.1'), answers: BAD },
    { name: 'a space before the method', text: line(` GET ${PATH} HTTP/1.1`), answers: BAD },
    { name: 'a method of lower case', text: line(`get ${PATH} HTTP/1.1`), answers: [[400, 405, 501]] },
    { name: 'a method that nobody defined', text: line(`FUZZ ${PATH} HTTP/1.1`), answers: [[400, 405, 501]] },
    { name: 'a method with invalid characters', text: line(`G(T ${PATH} HTTP/1.1`), answers: BAD },
    { name: 'CONNECT', text: line('CONNECT localhost:80 HTTP/1.1'), answers: [[400, 404, 405, 0]] },
    { name: 'TRACE, which would echo credentials', text: line(`TRACE ${PATH} HTTP/1.1`), answers: [[400, 404, 405, 501]] },
    { name: 'no version', text: `GET ${PATH}\r\n\r\n`, answers: [[400, 0]] },
    { name: 'a version of the future', text: line(`GET ${PATH} HTTP/9.9`), answers: [[400, 505]] },
    { name: 'a version without a number', text: line(`GET ${PATH} HTTP/x`), answers: BAD },
    { name: 'a version of lower case', text: line(`GET ${PATH} http/1.1`), answers: BAD },
    { name: 'a version with two digits', text: line(`GET ${PATH} HTTP/1.01`), answers: BAD },
    { name: 'the preface of HTTP/2', text: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answers: BAD },
    { name: 'a line that ends with a bare CR', text: `GET ${PATH} HTTP/1.1\r${HOST}\r\n`, answers: BAD },
    { name: 'a target of 20,000 characters', text: line(`GET /${'a'.repeat(20_000)} HTTP/1.1`), answers: [[414, 431]] }
  ]
} satisfies ShapeCategory
