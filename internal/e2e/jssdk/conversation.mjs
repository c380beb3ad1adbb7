// A conversation of a bot by way of Bitrix24's JavaScript SDK. ../jssdk_test.go runs it against the fake portal: where
// people have to act there, this prints a line of JSON that says who has to do what, and waits for one on stdin.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { AjaxError, B24Hook, B24OAuth } from '@bitrix24/b24jssdk'

const lines = createInterface({ input: process.stdin })
const answers = lines[Symbol.asyncIterator]()

async function people(action, details = {}) {
  process.stdout.write(`${JSON.stringify({ action, ...details })}\n`)
  const { done, value } = await answers.next()
  assert(!done, `nobody answers ${action}`)
  return JSON.parse(value)
}

// caller returns a function that calls methods and returns their results.
function caller(sdk, prefix, own) {
  return async (method, params) => {
    const answer = await sdk.actions.v2.call.make({ method: prefix + method, params: { ...own, ...params } })
    assert(answer.isSuccess, answer.getErrorMessages().join())
    const { result, time } = answer.getData()
    for (const name of ['start', 'finish', 'duration', 'operating', 'operating_reset_at']) {
      assert.equal(typeof time[name], 'number', `${method}: time.${name}`)
    }
    return result
  }
}

// refused expects the error that the SDK makes of a refusal.
async function refused(call, code, status = 400) {
  await assert.rejects(call, (error) => {
    assert(error instanceof AjaxError, String(error))
    assert.deepEqual({ code: error.code, status: error.status }, { code, status })
    return true
  })
}

const portal = await people('start')

// One call too many a second is repeated. From then on the SDK is slow, so the others have their own.
assert(await B24Hook.fromWebhookUrl(portal.webhook).tools.healthCheck.make())

// By a webhook.
const hook = B24Hook.fromWebhookUrl(portal.webhook)
const withToken = { botToken: 'EXAMPLE_BOT_TOKEN' }
const plain = caller(hook, 'imbot.v2.', withToken)

// The bot registers, and again, which changes nothing.
const fields = {
  code: 'weather_bot',
  properties: { name: 'Weather', workPosition: 'Looks out of the window' },
  type: 'bot',
  eventMode: 'fetch',
}
const registered = await plain('Bot.register', { fields })
const botId = registered.bot.id
assert(Number.isInteger(botId))
assert.equal(registered.users[0].name, 'Weather')
assert.equal((await plain('Bot.register', { fields })).bot.id, botId)

const call = caller(hook, 'imbot.v2.', { ...withToken, botId })
const got = await call('Bot.get')
assert.deepEqual(
  { id: got.bot.id, code: got.bot.code, type: got.bot.type, eventMode: got.bot.eventMode },
  { id: botId, code: 'weather_bot', type: 'bot', eventMode: 'fetch' },
)
assert.equal((await plain('Bot.get', { code: 'weather_bot' })).bot.id, botId)

// events returns what has happened since the last time.
let offset
async function events(...types) {
  const page = await call('Event.get', { offset, limit: 50 })
  assert.deepEqual(page.events.map((event) => event.type), types)
  assert.equal(page.hasMore, false)
  assert(page.events.every((event) => Number.isInteger(event.eventId) && event.data.bot.id === botId))
  offset = page.nextOffset
  return page.events.map((event) => event.data)
}

// Somebody adds the bot to a chat, and asks it something there.
assert.deepEqual(await events(), [])
const asked = await people('ask', { bot: botId, text: `[USER=${botId}]Weather[/USER], how is it outside?` })
const [joined, question] = await events('ONIMBOTV2JOINCHAT', 'ONIMBOTV2MESSAGEADD')
const dialogId = joined.dialogId
assert.equal(question.message.id, asked.message)
assert.equal(question.chat.dialogId, dialogId)
assert.equal(question.user.id, asked.from)

// It looks, and answers with buttons and a table.
assert.deepEqual(
  await call('Chat.InputAction.notify', { dialogId, statusMessageCode: 'IMBOT_AGENT_ACTION_THINKING', duration: 30 }),
  { result: true },
)
const command = (await call('Command.register', {
  fields: { command: 'weather', title: { en: 'Weather of a city', de: 'Wetter' }, params: { en: 'city' } },
})).command
assert.equal(command.command, '/weather')
const said = await call('Chat.Message.send', {
  dialogId,
  fields: {
    message: 'Sunny & 20° – „nice“ [b]today[/b]',
    replyId: question.message.id,
    keyboard: [
      { TEXT: 'Berlin', COMMAND: 'weather', COMMAND_PARAMS: 'Berlin', BG_COLOR_TOKEN: 'primary', DISPLAY: 'LINE' },
      { TYPE: 'NEWLINE' },
      { TEXT: 'Forecast', LINK: 'https://site.example/forecast?days=3&unit=C' },
    ],
    attach: {
      ID: 1,
      COLOR: '#29619b',
      BLOCKS: [
        { MESSAGE: 'The next days' },
        {
          GRID: [
            { NAME: 'Monday', VALUE: '18°', DISPLAY: 'LINE' },
            { NAME: 'Tuesday', VALUE: '12°', DISPLAY: 'LINE' },
          ],
        },
        { LINK: { NAME: 'More', LINK: 'https://site.example/' } },
      ],
    },
  },
})
assert(Number.isInteger(said.id))

// Somebody writes the command, and somebody presses the button: the bot answers both.
await people('command', { message: said.id, button: 'Berlin', text: '/weather Paris' })
for (const { command: written, message } of await events('ONIMBOTV2COMMANDADD', 'ONIMBOTV2COMMANDADD')) {
  assert.equal(written.id, command.id)
  assert.deepEqual(
    await call('Command.answer', {
      commandId: written.id, messageId: message.id, dialogId, fields: { message: `Rain in ${written.params}` },
    }),
    { result: true },
  )
}

const report = Buffer.from('city;rain\nParis;1\n')
const uploaded = await call('File.upload', {
  dialogId, fields: { name: 'rain.csv', content: report.toString('base64'), message: 'The figures' },
})
assert.equal(uploaded.file.name, 'rain.csv')
assert.equal(uploaded.file.size, report.length)
assert.equal(uploaded.dialogId, dialogId)

// It looks around.
const { chat } = await call('Chat.get', { dialogId })
assert.equal(chat.name, asked.title)
assert.equal(chat.userCounter, asked.members.length)
const users = await call('Chat.User.list', { dialogId, order: { id: 'DESC' }, limit: 50 })
assert.deepEqual(users.map((user) => user.id), [...asked.members].sort((a, b) => b - a))
assert.deepEqual(users.filter((user) => user.bot).map((user) => user.id), [botId])

// The same in batches: with names, to the end; and as a list, up to the first error.
const own = { ...withToken, botId }
const named = await hook.actions.v2.batch.make({
  calls: {
    chat: { method: 'imbot.v2.Chat.get', params: { ...own, dialogId } },
    nowhere: { method: 'imbot.v2.Chat.get', params: { ...own, dialogId: 'chat999' } },
    said: ['imbot.v2.Chat.Message.send', {
      ...own,
      dialogId,
      fields: { message: 'a+b = 100% & more?', keyboard: [{ TEXT: 'Ä & ?', LINK: 'https://site.example/?a=1&b=2' }] },
    }],
    reply: ['imbot.v2.Chat.Message.send', {
      ...own, dialogId, fields: { message: 'Yes', replyId: '$result[said][id]' },
    }],
    users: ['imbot.v2.Chat.User.list', { ...own, dialogId, limit: 1 }],
  },
  options: { isHaltOnError: false, returnAjaxResult: true },
})
assert.equal(named.isSuccess, false)
const items = named.getData()
assert.deepEqual(Object.keys(items), ['chat', 'nowhere', 'said', 'reply', 'users'])
assert.equal(items.chat.getData().result.chat.dialogId, dialogId)
assert.equal(items.nowhere.isSuccess, false)
assert.deepEqual([...items.nowhere.getErrors()].map((error) => error.code), ['CHAT_NOT_FOUND'])
assert(items.reply.getData().result.id > items.said.getData().result.id)
assert.equal(items.users.getData().result.length, 1)

const listed = await hook.actions.v2.batch.make({
  calls: [
    ['imbot.v2.Bot.get', own],
    ['imbot.v2.Chat.get', { ...own, dialogId: 'chat999' }],
    ['imbot.v2.Chat.Message.send', { ...own, dialogId, fields: { message: 'never' } }],
  ],
  options: { isHaltOnError: true },
})
assert.equal(listed.isSuccess, false)
assert.deepEqual(listed.getData().map((result) => result.bot.id), [botId])

// Refusals arrive as errors of the SDK.
const send = (params) => call('Chat.Message.send', params)
await refused(plain('Bot.get', { botId: 99999 }), 'BOT_NOT_FOUND')
await refused(plain('Chat.get', { dialogId, botId: 99999 }), 'BOT_NOT_FOUND')
await refused(caller(hook, 'imbot.v2.', { botId })('Chat.get', { dialogId }), 'BOT_TOKEN_NOT_SPECIFIED')
await refused(call('Chat.get', { dialogId, botToken: 'EXAMPLE_OTHER_TOKEN' }), 'BOT_OWNERSHIP_ERROR')
await refused(send({ dialogId, fields: {} }), 'EMPTY_MESSAGE')
await refused(send({ dialogId: 'chat999', fields: { message: 'a' } }), 'CHAT_NOT_FOUND')
await refused(send({ dialogId: 5, fields: { message: 'a' } }), '100')
await refused(
  caller(B24Hook.fromWebhookUrl(portal.webhookUnknown), 'imbot.v2.', own)('Bot.get'), 'INVALID_CREDENTIALS', 401,
)
await refused(
  caller(B24Hook.fromWebhookUrl(portal.webhookNoScope), 'imbot.v2.', own)('Bot.get'), 'insufficient_scope', 401,
)

// It leaves, and so does a bot of the first generation.
assert.deepEqual(await call('Chat.leave', { dialogId }), { result: true })
await refused(call('Chat.leave', { dialogId }), 'ACCESS_DENIED')
const older = caller(hook, 'imbot.chat.', portal.older)
assert.equal(await older('leave', { CHAT_ID: portal.chat }), true)
await refused(older('leave', { CHAT_ID: portal.chat }), 'ACCESS_DENIED_KICK')
assert.deepEqual(await call('Bot.unregister'), { result: true })
await refused(call('Bot.unregister'), 'BOT_NOT_FOUND')

// By OAuth: the access token has expired, and the SDK gets another one by itself.
const { app, grant } = portal
const oauth = new B24OAuth({
  applicationToken: 'EXAMPLE_APPLICATION_TOKEN',
  userId: grant.UserID,
  memberId: grant.MemberID,
  accessToken: grant.AccessToken,
  refreshToken: grant.RefreshToken,
  expires: Date.parse(grant.Expiry) / 1000,
  expiresIn: 3600,
  scope: grant.Scope,
  domain: grant.Domain,
  clientEndpoint: portal.endpoint,
  serverEndpoint: portal.endpoint,
  status: grant.Status,
}, app)
const renewed = []
oauth.setCallbackRefreshAuth(async ({ authData }) => renewed.push(authData))
const ofApp = caller(oauth, 'imbot.v2.', {})
const second = (await ofApp('Bot.register', { fields: { ...fields, code: 'app_bot' } })).bot.id
assert.equal(renewed.length, 1)
assert.notEqual(renewed[0].access_token, grant.AccessToken)
const dialog = `${grant.UserID}`
const note = await ofApp('Chat.Message.send', { botId: second, dialogId: dialog, fields: { message: 'By OAuth' } })
assert(Number.isInteger(note.id))
const both = await oauth.actions.v2.batch.make({
  calls: [['imbot.v2.Bot.get', { botId: second }], ['imbot.v2.Event.get', { botId: second }]],
})
assert(both.isSuccess, both.getErrorMessages().join())
assert.equal(both.getData()[0].bot.code, 'app_bot')
assert.deepEqual(both.getData()[1].events.map((event) => event.type), ['ONIMBOTV2JOINCHAT']) // the dialog
await refused(ofApp('Chat.get', { botId: portal.older.BOT_ID, dialogId: dialog }), 'BOT_OWNERSHIP_ERROR')
const olderOfApp = caller(oauth, 'imbot.chat.', { BOT_ID: portal.ofApp })
assert.equal(await olderOfApp('leave', { CHAT_ID: portal.chat }), true)

await people('end', { bot: botId, appBot: second })
lines.close()
