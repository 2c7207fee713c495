import t from 'tap'
import { isCrossSite } from '../../../services/access/cross-site.ts'

const HOST = 'spillway.example:3000'
const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const cases: [
  what: string,
  isCrossSite: boolean,
  method: string,
  headers: Record<string, string | string[] | undefined>
][] = [
  ['a program that is no browser', false, 'POST', {}],
  ['a program that says its mode but not its site, as fetch of Node does', false, 'POST', { 'sec-fetch-mode': 'cors' }],
  ['a page of ours', false, 'POST', { 'sec-fetch-site': 'same-origin', origin: 'https://spillway.example:3000' }],
  ['a page of ours behind a proxy that changes the host', false, 'POST', {
    'sec-fetch-site': 'same-origin',
    origin: 'https://public.example'
  }],
  ['an address that was typed', false, 'GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  ['a fetch of another site', true, 'POST', {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
    origin: 'https://evil.example'
  }],
  ['a fetch of another port or subdomain', true, 'POST', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ['an image of another site', true, 'GET', {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'no-cors',
    'sec-fetch-dest': 'image'
  }],
  ['a site that is said twice', true, 'GET', { 'sec-fetch-site': 'same-origin, cross-site' }],
  ['a link on another site', false, 'GET', link],
  ['the same, only asked for', false, 'HEAD', link],
  ['a form of another site', true, 'POST', { ...link, origin: 'https://evil.example' }],
  ['a form of another site with another method', true, 'DELETE', link],
  ['a frame on another site', true, 'GET', { ...link, 'sec-fetch-dest': 'iframe' }],
  ['an origin that is ours', false, 'POST', { origin: 'http://spillway.example:3000' }],
  ['an origin that is ours, of another scheme', false, 'POST', { origin: 'https://spillway.example:3000' }],
  ['an origin that is ours, in capitals', false, 'POST', { origin: 'http://Spillway.Example:3000' }],
  ['an origin of another host', true, 'POST', { origin: 'http://evil.example:3000' }],
  ['an origin of another port', true, 'POST', { origin: 'http://spillway.example:3001' }],
  ['an origin that begins as ours', true, 'POST', { origin: 'http://spillway.example:3000.evil.example' }],
  ['an origin with our host for a user', true, 'POST', { origin: 'http://spillway.example:3000@evil.example' }],
  ['no origin to speak of', true, 'POST', { origin: 'null' }],
  ['no origin at all', true, 'POST', { origin: '' }],
  ['an origin while the host is missing', true, 'POST', { origin: 'http://undefined', host: '' }],
  ['an origin of no host', true, 'POST', { origin: 'file:///etc/passwd', host: '' }]
]

t.test('other sites are told by Sec-Fetch-Site, and where there is none by Origin', async (t) => {
  for (const [what, expected, method, headers] of cases)
    t.equal(isCrossSite(method, { host: HOST, ...headers }), expected, what)
})

t.test('the port that a scheme stands for need not be said', async (t) => {
  t.equal(isCrossSite('POST', { host: 'spillway.example:443', origin: 'https://spillway.example' }), false)
  t.equal(isCrossSite('POST', { host: 'spillway.example', origin: 'https://spillway.example' }), false)
  t.equal(isCrossSite('POST', { host: 'spillway.example:80', origin: 'http://spillway.example' }), false)
  t.equal(isCrossSite('POST', { host: 'spillway.example:443', origin: 'http://spillway.example' }), true)
  t.equal(isCrossSite('POST', { host: '[::1]:3000', origin: 'http://[::1]:3000' }), false)
})
