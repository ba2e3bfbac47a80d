// The flows that are compared. Each is run once for each peer, against a sandbox that was reset before.
//   shop.Orders.createOrder(...)               has to succeed; gives the value
//   shop.refused(404).Orders.createOrder(...)  has to fail with that status
//   sandbox                                    its controls (peers.mjs)
// `config` is passed to define; the same for both peers.

const credentials = (login, password) => ({
  authData: [
    { marker: 'email_reg', value: login },
    { marker: 'password_reg', value: password },
  ],
})
const LOGIN = credentials('user@example.com', 'sandbox-password')
const OTHER = credentials('other@example.com', 'other-password')

const order = (account, more) => ({
  formIdentifier: 'order',
  paymentAccountIdentifier: account,
  formData: [{ marker: 'name', type: 'string', value: 'Ada Example' }],
  products: [{ productId: 15, quantity: 1 }],
  ...more,
})

export const flows = []
const flow = (name, run, config = {}) => flows.push({ name, run, config })

flow('payment', async ({ AuthProvider, Orders, Payments }) => {
  await AuthProvider.auth('email', LOGIN)
  const { id } = await Orders.createOrder('orders', order('cash'))
  const session = await Payments.createSession(id, 'session')
  await Payments.getSessionByOrderId(id)
  await Payments.getSessionById(session.id)
  await Payments.createSession(id, 'session', true) // cancels the first one
  await Payments.getSessionByOrderId(id)
  await Payments.getSessions()
  await Payments.getSessions(1, 1)
})

flow('intent', async ({ AuthProvider, Orders, Payments, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  const { id } = await Orders.createOrder('orders', order('stripe'))
  await Payments.createSession(id, 'intent')
  await refused(404).Payments.createSession(999, 'session')
  await refused(404).Payments.getSessionById(999)
})

flow('no user', async ({ Orders, Users, Payments, refused }) => {
  await refused(401).Users.getUser()
  await refused(401).Orders.createOrder('orders', order('cash'))
  await refused(401).Payments.getAccounts()
  await Orders.getAllStatusesByStorageMarker('orders')
})

flow('closed project', async ({ refused }) => {
  await refused(403).AuthProvider.auth('email', LOGIN)
  await refused(403).Orders.getAllStatusesByStorageMarker('orders')
}, { token: 'wrong' })

flow('expired access token', async ({ AuthProvider, Orders, Users, Payments }, sandbox) => {
  await AuthProvider.auth('email', LOGIN)
  await sandbox.expireAccessTokens()
  await Orders.getAllOrdersByMarker('orders')
  await sandbox.expireAccessTokens()
  const { id } = await Orders.createOrder('orders', order('cash'))
  await sandbox.expireAccessTokens()
  await Payments.createSession(id, 'session')
  await sandbox.expireAccessTokens()
  await Users.updateUser({ formIdentifier: 'reg', state: { visits: 2 } })
  await sandbox.expireAccessTokens()
  await AuthProvider.getActiveSessionsByMarker('email')
  await Orders.getAllOrdersByMarker('orders')
})

flow('refund', async ({ AuthProvider, Orders, Payments, refused }, sandbox) => {
  await AuthProvider.auth('email', LOGIN)
  const products = [{ productId: 14, quantity: 1 }, { productId: 16, quantity: 3 }]
  const { id } = await Orders.createOrder('orders', order('stripe', { products }))
  const refund = { products: { 16: { quantity: 2 } }, note: 'too many' }
  await refused(404).Orders.createRefundRequest(id, refund)
  const session = await Payments.createSession(id, 'session')
  await sandbox.pay(session.paymentUrl, 'completed')
  await Payments.getSessionById(session.id)
  await Orders.getOrderByMarkerAndId('orders', id)
  await refused(400).Payments.createSession(id, 'session')
  await Orders.getRefunds(id)
  await refused(400).Orders.createRefundRequest(id, { products: { 16: { quantity: 4 } } })
  await Orders.createRefundRequest(id, refund)
  await Orders.getRefunds(id)
  await Orders.cancelRefundRequest(id)
  await Orders.getRefunds(id)
  await refused(404).Orders.cancelRefundRequest(id)
})

flow('coupon', async ({ AuthProvider, Orders, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  const products = [{ productId: 15, quantity: 1 }, { productId: 17, quantity: 2 }]
  await Orders.previewOrder({ products })
  await Orders.previewOrder({ products, couponCode: 'SAVE10' })
  await Orders.previewOrder({ products, couponCode: 'ODD', bonusAmount: 12.34 })
  await Orders.previewOrder({ products: [{ productId: 16, quantity: 2 }], couponCode: 'CREAM20' })
  await Orders.previewOrder({ products, additionalDiscountsMarkers: ['regular'] }, 'en_US')
  await refused(400).Orders.previewOrder({ products, couponCode: 'NONE' })
  await refused(400).Orders.previewOrder({ products: [{ productId: 99, quantity: 1 }] })
  await Orders.createOrder('orders', order('cash', { products, couponCode: 'SAVE10', additionalDiscountsMarkers: [] }))
})

flow('orders', async ({ AuthProvider, Orders, refused }) => {
  await AuthProvider.auth('email', OTHER)
  const foreign = await Orders.createOrder('orders', order('cash'))
  await AuthProvider.auth('email', LOGIN)
  await Orders.getAllOrdersByMarker('orders')
  const first = await Orders.createOrder('orders', order('cash'))
  await Orders.createOrder('orders', order('stripe', { products: [{ productId: 17, quantity: 3 }] }))
  await Orders.getAllOrdersByMarker('orders')
  await Orders.getAllOrdersByMarker('orders', 'en_US', 1, 1)
  await Orders.getAllOrdersByMarker('orders', undefined, undefined, 1)
  await Orders.getOrderByMarkerAndId('orders', first.id)
  await Orders.getOrderByMarkerAndId('orders', first.id, 'en_US')
  await refused(404).Orders.getOrderByMarkerAndId('orders', 999)
  await refused(404).Orders.getOrderByMarkerAndId('orders', foreign.id)
  await refused(404).Orders.getOrderByMarkerAndId('nothing', first.id)
  await Orders.updateOrderByMarkerAndId('orders', first.id, order('cash', { products: [{ productId: 16, quantity: 2 }] }))
  await Orders.updateOrderByMarkerAndId('orders', first.id, order('cash', { statusIdentifier: 'canceled' }))
  await refused(400).Orders.updateOrderByMarkerAndId('orders', first.id, order('cash', { statusIdentifier: 'lost' }))
  await refused(400).Orders.createOrder('orders', order('cash', { formData: [] }))
  await refused(400).Orders.createOrder('orders', order('barter'))
})

flow('storages and statuses', async ({ AuthProvider, Orders, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  await Orders.getAllOrdersStorage()
  await Orders.getAllOrdersStorage('en_US', 1)
  await Orders.getOrdersStorageByMarker('orders')
  await refused(404).Orders.getOrdersStorageByMarker('nothing')
  await Orders.getAllStatusesByStorageMarker('orders')
  await Orders.getAllStatusesByStorageMarker('orders', 'en_US', 1, 1)
})

flow('form fields', async ({ AuthProvider, Orders }) => {
  await AuthProvider.auth('email', LOGIN)
  const formData = [
    { marker: 'name', type: 'string', value: 'Ünïcödé \u2713 "quoted" \\ \n' },
    { marker: 'persons', type: 'integer', value: 3 },
    { marker: 'weight', type: 'float', value: 2.5 },
    {
      marker: 'date',
      type: 'date',
      value: { fullDate: '2025-05-01T00:00:00.000Z', formattedValue: '01-05-2025', formatString: 'DD-MM-YYYY' },
    },
    { marker: 'interval', type: 'timeInterval', value: [['2025-05-01T10:00:00.000Z', '2025-05-01T11:00:00.000Z']] },
    { marker: 'delivery', type: 'list', value: ['courier'] },
    { marker: 'comment', type: 'text', value: [{ htmlValue: '<p>x</p>', params: { isEditorDisabled: false } }] },
    { marker: 'items', type: 'entity', value: [15, '16'] },
    { marker: 'photo', type: 'image', value: [{ filename: 'a.png', downloadLink: 'https://shop.example/a.png', size: 2 }] },
  ]
  const { id } = await Orders.createOrder('orders', order('cash', { formData }))
  await Orders.getOrderByMarkerAndId('orders', id)
  // Numbers that came as text.
  const texts = [formData[0], { marker: 'persons', type: 'integer', value: '3' }, { marker: 'weight', type: 'float', value: '2.50' }]
  await Orders.createOrder('orders', order('cash', { formData: texts }))
  await Orders.getAllOrdersByMarker('orders')
  await Orders.createOrder('orders', order('cash', { formData: formData[0] })) // one entry instead of a list
})

flow('another language', async ({ AuthProvider, Orders, Users }) => {
  await AuthProvider.auth('email', LOGIN)
  await Orders.createOrder('orders', order('cash'), 'fr_FR')
  await Users.getUser('fr_FR')
})

flow('accounts', async ({ AuthProvider, Payments, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  await Payments.getAccounts()
  await Payments.getAccountById(1)
  await Payments.getAccountById(2)
  await refused(404).Payments.getAccountById(9)
})

flow('user', async ({ AuthProvider, Users, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  await Users.getUser()
  const formData = [{ marker: 'name_reg', type: 'string', value: 'Ada' }]
  const notificationData = { email: 'ada@example.com', phonePush: [], phoneSMS: '' }
  await Users.updateUser({ formIdentifier: 'reg', formData, notificationData, state: { cart: [1, 2], note: null } })
  await Users.getUser('en_US')
  await refused(400).Users.updateUser({ formIdentifier: 'reg', authData: [] })
  await Users.updateUser({ formIdentifier: 'reg', authData: [{ marker: 'password_reg', value: 'another' }] })
  await refused(401).AuthProvider.auth('email', LOGIN)
  await Users.addFCMToken('token-1')
  await Users.deleteFCMToken('token-1')
  await Users.archiveUser()
  await refused(401).Users.getUser()
})

flow('sign-up', async ({ AuthProvider, Users, refused }) => {
  const entry = { marker: 'name_reg', type: 'string', value: 'Grace' }
  const body = {
    formIdentifier: 'reg',
    ...credentials('grace@example.com', 'secret-1'),
    formData: [entry],
    notificationData: { email: 'grace@example.com', phonePush: ['+1999'], phoneSMS: '' },
  }
  await AuthProvider.signUp('email', body)
  await refused(400).AuthProvider.signUp('email', body)
  await refused(400).AuthProvider.signUp('email', { ...body, authData: [] })
  await refused(404).AuthProvider.signUp('nothing', body)
  await AuthProvider.signUp('email', { formIdentifier: 'reg', ...credentials('b@example.com', 'secret-2') }, 'en_US')
  await AuthProvider.auth('email', credentials('grace@example.com', 'secret-1'))
  await Users.getUser()
  await Users.deleteUser()
})

flow('codes', async ({ AuthProvider, refused }, sandbox) => {
  const user = 'user@example.com'
  await AuthProvider.generateCode('email', user, 'password_recovery')
  await refused(400).AuthProvider.generateCode('email', 'nobody@example.com', 'password_recovery')
  await AuthProvider.checkCode('email', user, 'password_recovery', 'wrong')
  const code = await sandbox.lastCode()
  await AuthProvider.checkCode('email', user, 'password_recovery', code)
  await AuthProvider.changePassword('email', user, 'password_recovery', 2, code, 'changed', 'changed')
  await AuthProvider.auth('email', credentials(user, 'changed'))
})

flow('providers', async ({ AuthProvider, refused }) => {
  await AuthProvider.getAuthProviders()
  await AuthProvider.getAuthProviders('en_US', 1, 1)
  await AuthProvider.getAuthProviderByMarker('email')
  await refused(404).AuthProvider.getAuthProviderByMarker('nothing')
})

flow('refresh and logout', async ({ AuthProvider, Users, refused }) => {
  const login = await AuthProvider.auth('email', LOGIN)
  const renewed = await AuthProvider.refresh('email', login.refreshToken)
  await refused(400).AuthProvider.refresh('email', login.refreshToken)
  await Users.getUser()
  await AuthProvider.getActiveSessionsByMarker('email')
  await AuthProvider.logout('email', renewed.refreshToken)
  await refused(401).Users.getUser()
  await refused(401).AuthProvider.auth('email', credentials('user@example.com', 'wrong'))
  await AuthProvider.auth('email', LOGIN)
  await AuthProvider.logoutAll('email')
  await refused(401).Users.getUser()
})

flow('errors thrown', async ({ AuthProvider, Users, refused }) => {
  await AuthProvider.auth('email', LOGIN)
  await refused(400).AuthProvider.signUp('email', { authData: [] })
  await refused(404).Payments.getSessionById(1)
  await Users.getUser()
}, { errors: { isShell: false } })
