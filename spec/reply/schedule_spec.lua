-- Schedules of timeInterval attributes: the days and hours they mean, in UTC wherever the machine is.
local oneentry = require "oneentry"
local child = require "support.child"
local json = require "support.fixtures.json"
local process = require "support.process"
local server = require "support.server"

-- "09:30" as the API has it.
local function clock(text)
  local hours, minutes = text:match "^(%d+):(%d+)$"
  return { hours = tonumber(hours), minutes = tonumber(minutes) }
end

-- { { "09:00", "10:30" } } as an entity's times.
local function entity_times(times)
  local list = {}
  for i, pair in ipairs(times) do list[i] = { clock(pair[1]), clock(pair[2]) } end
  return list
end

-- { { "09:00", "11:00", 30 } } as a form's intervals.
local function form_intervals(windows)
  local list = {}
  for i, w in ipairs(windows) do list[i] = { start = clock(w[1]), ["end"] = clock(w[2]), period = w[3] } end
  return list
end

local function entity(schedule)
  return json.encode { type = "timeInterval", value = { { values = { schedule } } } }
end

local function form(schedule)
  return json.encode { attributes = { { type = "timeInterval", localizeInfos = { intervals = { schedule } } } } }
end

local morning = { { "09:00", "10:30" } }
local unpack = table.unpack or unpack

describe("a schedule", function()
  local peer, api

  setup(function()
    peer = server.start()
    api = oneentry.define(peer.url, { token = "t" })
  end)
  teardown(function()
    api.close()
    peer:stop()
  end)

  local function get(body)
    peer:script { { "answer", body = body } }
    return assert(api.Users.getUser())
  end

  local function of_entity(schedule)
    return get(entity(schedule)).value[1].values[1].timeIntervals
  end

  local function of_form(schedule)
    return get(form(schedule)).attributes[1].localizeInfos.intervals[1].timeIntervals
  end

  -- Reads the same schedule as an entity's and as a form's; returns the days on which it has its one pair.
  local function days(from, to, week, month)
    local of_entity_days, of_form_days = {}, {}
    local pairs_of_entity = of_entity { dates = { from, to }, times = entity_times(morning), inEveryWeek = week, inEveryMonth = month }
    for i, pair in ipairs(pairs_of_entity) do
      of_entity_days[i] = pair[1]:match "^(.*)T09:00:00%.000Z$"
      assert.equal(of_entity_days[i] .. "T10:30:00.000Z", pair[2])
    end
    local slots = form_intervals { { "09:00", "10:30", 90 } }
    for i, pair in ipairs(of_form { range = { from, to }, intervals = slots, inEveryWeek = week, inEveryMonth = month }) do
      assert.same(pairs_of_entity[i], pair)
      of_form_days[i] = pair[1]:sub(1, 10)
    end
    assert.same(of_entity_days, of_form_days)
    return of_entity_days
  end

  local function words(text)
    local list = {}
    for word in text:gmatch "%S+" do list[#list + 1] = word end
    return list
  end

  describe("without flags", function()
    it("means its own days (D22 e)", function()
      assert.same({ "2025-04-08" }, days("2025-04-08T00:00:00.000Z", "2025-04-08T00:00:00.000Z", false, false))
      assert.same(words "2025-02-27 2025-02-28 2025-03-01", days("2025-02-27T00:00:00.000Z", "2025-03-01T00:00:00.000Z", false, false))
      assert.same({ "2025-04-08" }, days("2025-04-08", "2025-04-08"))
    end)

    it("has its last day whatever the time of day (D22 b)", function()
      assert.same(words "2025-04-08 2025-04-09", days("2025-04-08T08:00:00.000Z", "2025-04-09T00:00:00.000Z"))
      assert.same(words "2025-04-08 2025-04-09", days("2025-04-08T00:00:00.000Z", "2025-04-09T23:59:59.999Z"))
    end)
  end)

  describe("of every week", function()
    it("goes on every seventh day to the end of the month", function()
      assert.same(words "2025-04-08 2025-04-15 2025-04-22 2025-04-29", days("2025-04-08T00:00:00.000Z", "2025-04-08T00:00:00.000Z", true))
      assert.same({ "2025-04-30" }, days("2025-04-30", "2025-04-30", true))
      assert.same(words "2024-02-01 2024-02-08 2024-02-15 2024-02-22 2024-02-29", days("2024-02-01", "2024-02-01", true))
    end)

    it("has the last day of the month whatever the time of day (D22 b)", function()
      local wednesdays = words "2025-04-02 2025-04-09 2025-04-16 2025-04-23 2025-04-30"
      for _, time in ipairs { "T00:00:00.000Z", "T08:00:00.000Z", "T23:59:59.999Z" } do
        assert.same(wednesdays, days("2025-04-02" .. time, "2025-04-02" .. time, true))
      end
    end)

    it("has each pair once, however many days of the range lead to it (D22 c)", function()
      local expected = {}
      for day = 14, 30 do expected[#expected + 1] = ("2025-04-%02d"):format(day) end
      assert.same(expected, days("2025-04-14T00:00:00.000Z", "2025-04-28T00:00:00.000Z", true))
    end)

    it("starts again with the next month of the range", function()
      assert.same(words "2025-04-29 2025-04-30 2025-05-01 2025-05-08 2025-05-15 2025-05-22 2025-05-29",
        days("2025-04-29", "2025-05-01", true))
    end)
  end)

  describe("of every month", function()
    it("has the same day of twelve months, those that have it", function()
      assert.same(words "2025-10-31 2025-12-31 2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31",
        days("2025-10-31", "2025-10-31", false, true))
      assert.same(12, #days("2025-04-08T08:00:00.000Z", "2025-04-08T08:00:00.000Z", false, true))
      assert.same(words "2024-01-30 2024-03-30", { unpack(days("2024-01-30", "2024-01-30", false, true), 1, 2) })
    end)

    it("does so for each day of the range", function()
      local found = days("2025-11-29", "2025-11-30", false, true)
      assert.equal(22, #found)
      assert.same(words "2025-11-29 2025-11-30 2025-12-29", { found[1], found[2], found[3] })
      assert.equal("2026-10-30", found[22])
    end)
  end)

  describe("of every week of every month", function()
    it("has the weekday all over twelve months, from the first of the month on", function()
      local found = days("2025-04-08T00:00:00.000Z", "2025-04-08T00:00:00.000Z", true, true)
      assert.equal(53, #found)
      assert.same(words "2025-04-01 2025-04-08 2025-04-15 2025-04-22 2025-04-29 2025-05-06", { unpack(found, 1, 6) })
      assert.equal("2026-03-31", found[53])
    end)

    it("leaves out no month for want of a 31st (D22 d)", function()
      local months = {}
      for _, day in ipairs(days("2025-01-31", "2025-01-31", true, true)) do
        local month = tonumber(day:sub(6, 7))
        months[month] = (months[month] or 0) + 1
      end
      assert.same({ 5, 4, 4, 4, 5, 4, 4, 5, 4, 5, 4, 4 }, months)
    end)
  end)

  describe("with times", function()
    local day = "2025-04-08T00:00:00.000Z"
    local function times(list)
      local found = {}
      for i, pair in ipairs(of_entity { dates = { day, day }, times = entity_times(list) }) do
        found[i] = pair[1]:match "T(%d+:%d+):00%.000Z$" .. "-" .. pair[2]:gsub("^2025%-04%-08T", ""):gsub(":00%.000Z$", "")
      end
      return found
    end

    it("orders its pairs", function()
      assert.same(words "09:00-10:00 09:00-11:00 14:00-15:00", times { { "14:00", "15:00" }, { "09:00", "11:00" }, { "09:00", "10:00" } })
      local found = of_entity { dates = { "2025-04-23", "2025-04-23" }, times = entity_times { { "14:00", "15:00" }, { "09:00", "10:00" } },
        inEveryWeek = true }
      assert.same({
        { "2025-04-23T09:00:00.000Z", "2025-04-23T10:00:00.000Z" }, { "2025-04-23T14:00:00.000Z", "2025-04-23T15:00:00.000Z" },
        { "2025-04-30T09:00:00.000Z", "2025-04-30T10:00:00.000Z" }, { "2025-04-30T14:00:00.000Z", "2025-04-30T15:00:00.000Z" },
      }, found)
    end)

    it("has equal ones once (D22 c)", function()
      assert.same({ "09:00-10:00" }, times { { "09:00", "10:00" }, { "09:00", "10:00" } })
    end)

    it("ends on the same day, before the start if need be, or at midnight", function()
      assert.same({ "23:30-00:15" }, times { { "23:30", "00:15" } })
      assert.same({ "23:30-2025-04-09T00:00" }, times { { "23:30", "24:00" } })
      assert.same({}, times { { "24:00", "24:00" } })
    end)

    it("has no pair for what is no time", function()
      assert.same({}, times {})
      local odd = { "9:00", 9, {}, { {} }, { { hours = 9 }, { hours = 10 } }, { clock "09:00" } }
      for _, time in ipairs { clock "25:00", clock "10:60", { hours = -1, minutes = 0 }, { hours = 1, minutes = -1 },
        { hours = "x", minutes = 0 }, { hours = 1e300, minutes = 0 } } do
        odd[#odd + 1] = { clock "09:00", time }
        odd[#odd + 1] = { time, clock "10:00" }
      end
      assert.same({}, of_entity { dates = { day, day }, times = odd })
      assert.same({}, of_entity { dates = { day, day } })
    end)
  end)

  describe("with intervals", function()
    local function slots(windows)
      local found = {}
      for i, pair in ipairs(of_form { range = { "2025-04-08", "2025-04-08" }, intervals = form_intervals(windows) }) do
        found[i] = pair[1]:match "T(%d+:%d+):" .. "-" .. pair[2]:match "T(%d+:%d+):"
      end
      return found
    end

    it("is cut into slots of its period, the rest dropped", function()
      assert.same(words "09:00-09:30 09:30-10:00 10:00-10:30 10:30-11:00", slots { { "09:00", "11:00", 30 } })
      assert.same(words "09:15-09:35 09:35-09:55 22:00-23:00", slots { { "22:00", "23:59", 60 }, { "09:15", "10:00", 20 } })
      assert.same(words "23:00-00:00", slots { { "23:00", "24:00", 60 } })
      assert.same({}, slots { { "09:00", "09:59", 60 }, { "10:00", "09:00", 15 }, { "09:00", "09:00", 15 } })
    end)

    it("has the slots of overlapping ones once, in order (D22 c)", function()
      assert.same(words "09:00-10:00 09:30-10:30 10:00-11:00",
        slots { { "09:30", "10:30", 60 }, { "09:00", "11:00", 60 }, { "10:00", "11:00", 60 } })
    end)

    it("has no slots without a period that leads anywhere (D22 f, D22 g)", function()
      for _, period in ipairs { 0, -30, 1e-9, -1e300, 1e300, "text", "", true, {}, json.null } do
        assert.same({}, slots { { "09:00", "11:00", period } })
      end
      assert.same({}, slots { { "09:00", "11:00" } })
      assert.same({ "09:00-10:00" }, slots { { "09:00", "11:00", 0 }, { "09:00", "10:00", 60 } })
    end)

    it("is left alone when it has no list of them", function()
      assert.is_nil(of_form { range = { "2025-04-08", "2025-04-08" } })
      assert.is_nil(of_form { range = { "2025-04-08", "2025-04-08" }, intervals = 5 })
    end)
  end)

  it("reads dates as ISO 8601 and as milliseconds, and takes their day in UTC", function()
    for text, day in pairs {
      ["2025-04-08"] = "2025-04-08", ["2025-04-08T10:15Z"] = "2025-04-08", ["2025-04-08T10:15:30"] = "2025-04-08",
      ["2025-04-08T23:30:00-01:00"] = "2025-04-09", ["2025-04-08T00:30:00.5+0200"] = "2025-04-07", ["2024-02-29"] = "2024-02-29",
      ["2025-04-08T24:00:00Z"] = "2025-04-09", ["2000-02-29"] = "2000-02-29", ["1969-12-31"] = "1969-12-31", ["0001-01-01"] = "0001-01-01",
    } do
      assert.same({ day }, days(text, text), text)
    end
    assert.same({ "2025-04-08" }, days(1744070400000, 1744156799999))
    assert.same({ "1969-12-31" }, days(-1, -1))
  end)

  it("without readable dates has none", function()
    for _, text in ipairs { "nope", "", "2025", "2025-13-01", "2025-00-01", "2025-02-29", "1900-02-29", "2025-04-00", "2025-4-8",
      "2025-04-08T25:00Z", "2025-04-08T10:60Z", "2025-04-08T10:00:60Z", "2025-04-08 10:00", "2025-04-08Tx",
      "2025-04-08T10:00:00Zx", "2025-04-08T10:00+24:00",
      1e300, -1e300, true, {}, json.null } do
      assert.same({}, days(text, text), tostring(text))
    end
    assert.same({}, days("2025-04-08"))
    assert.same({}, days("2025-04-09", "2025-04-08"))
    assert.same({}, of_entity { times = entity_times(morning), inEveryWeek = true })
    assert.same({}, of_entity { dates = "2025-04-08", times = entity_times(morning) })
  end)

  it("stays within years of four digits", function()
    assert.same({ "9999-12-30" }, days("9999-12-30", "9999-12-31"))
    assert.same(words "9999-10-30 9999-11-30 9999-12-30", days("9999-10-30", "9999-10-30", false, true))
  end)

  it("of a range of centuries is worked out for its first ten years", function()
    local found = days("2000-01-01", "2400-01-01")
    assert.equal(3653, #found)
    assert.equal("2009-12-31", found[3653])
    for _, flags in ipairs { { true, false }, { false, true }, { true, true } } do
      found = days("2000-01-01", "2400-01-01", flags[1], flags[2])
      assert.equal("2000-01-01", found[1])
      assert.is_true(#found >= 3653 and #found < 3653 + 366 + 31)
    end
  end)

  it("has no more pairs than all schedules of a reply may have together", function()
    local minutes = {}
    for i = 1, 4 do minutes[i] = { start = clock "00:00", ["end"] = clock "24:00", period = i } end
    local hungry = { range = { "2000-01-01", "2400-01-01" }, intervals = minutes, inEveryWeek = true, inEveryMonth = true }
    local many = {}
    for i = 1, 50 do many[i] = hungry end
    local shaped = get(json.encode { attributes = { { type = "timeInterval", localizeInfos = { intervals = many } } } })
    local total, first = 0, shaped.attributes[1].localizeInfos.intervals[1].timeIntervals
    for _, schedule in ipairs(shaped.attributes[1].localizeInfos.intervals) do total = total + #schedule.timeIntervals end
    assert.is_true(total > 100000 and total <= 2 ^ 18, tostring(total))
    assert.same({ "2000-01-01T00:00:00.000Z", "2000-01-01T00:01:00.000Z" }, first[1])
  end)

  it("has no more slots and days than they may have, whatever comes of them", function()
    local times = {}
    for i = 1, 1000 do times[i] = { clock "09:00", clock(("%02d:%02d"):format(10 + i % 14, i % 60)) } end
    local hungry = { dates = { "2000-01-01", "2400-01-01" }, times = times }
    local idle = { dates = hungry.dates, times = {}, inEveryMonth = true }
    local many = {}
    for i = 1, 50 do many[i] = i % 2 == 0 and idle or hungry end
    local shaped = get(json.encode { attributes = json.null, a = { type = "timeInterval", value = { { values = many } } } })
    local total = 0
    for i, schedule in ipairs(shaped.a.value[1].values) do
      if i % 2 == 0 then assert.same({}, schedule.timeIntervals) end
      total = total + #schedule.timeIntervals
    end
    assert.is_true(total > 100000 and total <= 2 ^ 18, tostring(total))
    assert.same({}, shaped.a.value[1].values[49].timeIntervals)
  end)

  it("comes out empty after others that have led nowhere, and taken all that a reply may take", function()
    local one = { dates = { "2025-04-28", "2025-04-28" }, times = entity_times(morning) }
    local function after(n, other)
      local many = {}
      for i = 1, n do many[i] = other end
      many[n + 1] = one
      local shaped = get(json.encode { a = { type = "timeInterval", value = { { values = many } } } })
      return #shaped.a.value[1].values[n + 1].timeIntervals
    end
    local long = { dates = { "2000-01-01", "2400-01-01" }, times = {}, inEveryMonth = true }
    assert.equal(1, after(1, long))
    assert.equal(0, after(10, long))
    local slots = { dates = one.dates, times = {} }
    for i = 1, 2 ^ 17 do slots.times[i] = 0 end
    assert.equal(1, after(1, slots))
    assert.equal(0, after(2, slots))
  end)

  it("is found in every group that has schedules", function()
    local one = { dates = { "2025-04-28", "2025-04-28" }, times = entity_times(morning) }
    local shaped = get(json.encode { attributeValues = { en_US = { work = { type = "timeInterval", value = {
      { id = "g" }, json.null, { values = "x" }, { values = { json.null, 5, { 1, 2 } } }, { values = { one, one } } } },
      none = { type = "timeInterval", value = json.null },
      other = { type = "date", value = { { values = { one } } } } } } }).attributeValues
    assert.same({ id = "g" }, shaped.work.value[1])
    assert.same({ values = "x" }, shaped.work.value[3])
    assert.same({ oneentry.null, 5, { 1, 2 } }, shaped.work.value[4].values)
    for i = 1, 2 do
      assert.same({ { "2025-04-28T09:00:00.000Z", "2025-04-28T10:30:00.000Z" } }, shaped.work.value[5].values[i].timeIntervals)
    end
    assert.is_nil(shaped.other.value[1].values[1].timeIntervals)
  end)

  it("of a form counts under attributes only, in their language", function()
    local one = { range = { "2025-04-28", "2025-04-28" }, intervals = form_intervals { { "09:00", "10:00", 60 } } }
    local attribute = { type = "timeInterval", localizeInfos = { en_US = { intervals = { one } }, fr_FR = { intervals = {} } } }
    local shaped = get(json.encode { attributes = { attribute }, single = attribute })
    assert.equal(1, #shaped.attributes[1].localizeInfos.intervals[1].timeIntervals)
    assert.is_nil(shaped.single.localizeInfos.intervals[1].timeIntervals)
  end)

  it("is the same in every time zone (D22 a)", function()
    local schedules = {}
    for i, day in ipairs { "2025-04-02", "2025-05-01", "2025-03-09T02:30:00.000Z", "2025-10-26T01:30:00.000Z" } do
      schedules[i] = { dates = { day, day }, times = entity_times(morning), inEveryWeek = true, inEveryMonth = i > 2 }
    end
    local slots = { range = { "2025-03-30", "2025-03-30" }, intervals = form_intervals { { "00:00", "24:00", 60 } } }
    local body = json.encode { entity = { type = "timeInterval", value = { { values = schedules } } },
      attributes = { { type = "timeInterval", localizeInfos = { intervals = { slots } } } } }
    local code = ([[
      print(os.date("%%H", 0))
      local value = assert(require "oneentry".define(%q).Users.getUser())
      local function show(schedules)
        for _, schedule in ipairs(schedules) do
          for _, pair in ipairs(schedule.timeIntervals) do print(pair[1], pair[2]) end
        end
      end
      show(value.entity.value[1].values)
      show(value.attributes[1].localizeInfos.intervals)
    ]]):format(peer.url)
    local outputs, hours = {}, {}
    for i, zone in ipairs { "UTC", "Asia/Tokyo", "America/New_York", "XYZ-14", "ABC+11:30" } do
      peer:script { { "answer", body = body } }
      hours[i], outputs[i] = child.run(code, "TZ=" .. process.quote(zone)):match "^(%d+)\n(.*)$"
    end
    assert.same(words "00 09 19 14 12", hours)
    assert.matches("2025-04-30T09:00:00.000Z\t2025-04-30T10:30:00.000Z\n2025-05-01T09:00:00.000Z", outputs[1], 1, true)
    assert.matches("2025-03-30T23:00:00.000Z\t2025-03-31T00:00:00.000Z\n", outputs[1], 1, true)
    for i = 2, #outputs do assert.equal(outputs[1], outputs[i]) end
  end)
end)
