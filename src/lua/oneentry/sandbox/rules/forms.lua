--- formData against a form: shape, then markers, then required fields, then types, lists and validators.
local json = require "oneentry.sandbox.host.json"
local http = require "oneentry.sandbox.host.http"

local forms = {}

local NO_MARKER = "formData's marker 'undefined' marker is required"
local REQUIRED = "required values are missing or incorrect: %s"

local function is_text(v) return type(v) == "string" end

local function is_number(v)
  return type(v) == "number" or type(v) == "string" and v:find("^[-+.%d]+$") ~= nil and tonumber(v) ~= nil
end

local function is_integer(v)
  return is_number(v) and tonumber(v) == math.floor(tonumber(v))
end

local function is_moment(v)
  return json.is_object(v) and is_text(v.fullDate)
end

local function list_of(check)
  return function(v)
    if not json.is_list(v) then return false end
    for _, item in ipairs(v) do
      if not check(item) then return false end
    end
    return true
  end
end

local function is_block(v)
  return json.is_object(v) and (is_text(v.htmlValue) or is_text(v.plainValue) or is_text(v.mdValue))
end

local function is_file(v)
  return json.is_object(v) and is_text(v.filename) and is_text(v.downloadLink)
end

local function is_interval(v)
  return json.is_list(v) and #v == 2 and is_text(v[1]) and is_text(v[2])
end

-- Attribute type -> does the value have its shape?
local SHAPES = {
  string = is_text,
  integer = is_integer,
  float = is_number,
  date = is_moment, time = is_moment, dateTime = is_moment,
  text = list_of(is_block),
  list = list_of(function(v) return is_text(v) or json.is_object(v) end),
  radioButton = list_of(function(v) return is_text(v) or json.is_object(v) end),
  timeInterval = list_of(is_interval),
  entity = list_of(function(v) return type(v) == "number" or is_text(v) end),
  image = list_of(is_file), file = list_of(is_file),
}

-- Validators a field can name in the seed: pattern and the message of a value that does not fit.
local VALIDATORS = {
  email = { "^[^@%s]+@[^@%s]+$", "%s must be an email" },
  phone = { "^%+?[%d%s()-]+$", "%s must be a phone number" },
}

local function is_locale(key)
  return key:find("^%l%l%l?_%u%u$") ~= nil
end

-- Calls visit(entry) for every entry; refuses what is not { locale = [ { marker, ... } ] }, which is also
-- what a formData that was wrapped twice looks like.
local function each_entry(form_data, visit)
  if not json.is_object(form_data) then http.fail(400, NO_MARKER) end
  for locale, entries in pairs(form_data) do
    if not is_locale(locale) or not json.is_list(entries) then http.fail(400, NO_MARKER) end
    for _, entry in ipairs(entries) do
      if not json.is_object(entry) or not is_text(entry.marker) then http.fail(400, NO_MARKER) end
      visit(entry)
    end
  end
end

local function is_blank(value)
  return value == nil or value == json.null or value == "" or json.is_list(value) and #value == 0
end

local function check_list_values(app, field, value)
  local allowed = {}
  for _, item in ipairs(field.values) do allowed[item] = true end
  for _, item in ipairs(value) do
    if not allowed[json.is_object(item) and item.value or item] then
      http.fail(400, app.choices.text.list_value:format(field.marker))
    end
  end
end

local function check_value(app, field, value, complaints)
  if not SHAPES[field.type](value) then
    http.fail(400, app.choices.text.form_type:format(field.marker, field.type))
  end
  if field.values then check_list_values(app, field, value) end
  local validator = VALIDATORS[field.check]
  if validator and not value:find(validator[1]) then
    complaints[#complaints + 1] = validator[2]:format(field.marker)
  end
end

--- Checks formData (keyed by locale, or nil) against a form and returns it, an empty object for nil.
-- Login and password fields never belong to formData. Complaints of validators are collected into one list.
function forms.check(app, form_identifier, form_data)
  local fields, entries, given = {}, {}, {}
  for _, field in ipairs(app.store.forms[form_identifier]) do
    if not field.login and not field.password then
      fields[#fields + 1], fields[field.marker] = field, field
    end
  end

  form_data = json.given(form_data) or json.object()
  each_entry(form_data, function(entry)
    entries[#entries + 1] = entry
    given[entry.marker] = given[entry.marker] or not is_blank(entry.value)
  end)

  for _, entry in ipairs(entries) do
    if not fields[entry.marker] then http.fail(400, app.choices.text.foreign_marker:format(entry.marker)) end
  end
  for _, field in ipairs(fields) do
    if field.required and not given[field.marker] then http.fail(400, REQUIRED:format(field.marker)) end
  end
  local complaints = json.list()
  for _, entry in ipairs(entries) do
    if not is_blank(entry.value) then check_value(app, fields[entry.marker], entry.value, complaints) end
  end
  if #complaints > 0 then http.fail(400, complaints) end
  return form_data
end

--- The flat list that reads show: the entries of one locale, or of the first one when it is not there.
function forms.flat(form_data, lang_code)
  if form_data[lang_code] then return form_data[lang_code] end
  local locales = {}
  for locale in pairs(form_data) do locales[#locales + 1] = locale end
  table.sort(locales)
  return form_data[locales[1]] or json.list()
end

return forms
