-- Does in Neovim, with the set-up of the guide, what a person would. PAPACK_MANIFEST is a manifest of a copy of the demo
-- whose format is misspelt. Ends with exit code 0, or tells what did not come about and ends with 1.

local manifest = vim.env.PAPACK_MANIFEST

local function expect(condition, what)
  if not condition then
    error(what, 0)
  end
end

local function wait_for(condition, what)
  expect(vim.wait(20000, condition, 20), what .. " did not come about within 20 s")
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

local function drive()
  vim.cmd("edit " .. vim.fn.fnameescape(manifest))
  wait_for(function()
    return #vim.diagnostic.get(0) > 0
  end, "a diagnostic")
  local found = vim.diagnostic.get(0)
  expect(#found == 1, "one fault has one diagnostic: " .. vim.inspect(found))
  expect(found[1].code == "FIELD_INVALID" and found[1].source == "papack", "wrong: " .. vim.inspect(found[1]))
  local line = vim.api.nvim_buf_get_lines(0, found[1].lnum, found[1].lnum + 1, false)[1]
  expect(line:sub(found[1].col + 1, found[1].end_col):match("TILE/indexed_v1"), "it is shown at: " .. line)

  -- The menu of fixes: the first one is taken.
  local offered
  vim.ui.select = function(items, _, choose)
    offered = items
    choose(items[1], 1)
  end
  vim.api.nvim_win_set_cursor(0, { found[1].lnum + 1, found[1].col })
  vim.lsp.buf.code_action()
  wait_for(function()
    return text():find('"TILES/indexed_v1"', 1, true) ~= nil
  end, "the quick fix")
  expect(offered ~= nil, "no fixes were offered")
  wait_for(function()
    return #vim.diagnostic.get(0) == 0
  end, "the end of the fault")

  vim.cmd("write")
  vim.cmd("PapackPack")
  wait_for(function()
    return vim.fn.execute("messages"):find("papack: SUCCESS", 1, true) ~= nil
  end, "the pack")
  local told = vim.fn.execute("messages")
  expect(told:find("Error", 1, true) == nil, "Neovim tells of an error")
end

local is_done, fault = pcall(drive)
if is_done then
  vim.cmd("qall")
else
  io.stderr:write(tostring(fault) .. "\n" .. vim.fn.execute("messages") .. "\n")
  vim.cmd("cquit 1")
end
