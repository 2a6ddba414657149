#include "analysis/program/unit_stores.h"
#include "analysis/program/values.h"

#include <iterator>

namespace bhlint {

using facts::ValueKind;

namespace {

class StoreCollector {
public:
  StoreCollector(const Body &body, FunctionId setter, NameId module, llvm::ArrayRef<MaskBits> bits, UnitStores &stores)
      : body(body), setter(setter), module(module), bits(bits), stores(stores) {}

  void add(const BodyEvent &event) {
    const Path &path = body.paths[event.index];
    const std::uint64_t constant = bits[event.value.bits].bits;
    if (!path.fields.empty()) {
      const bool isConstant = event.value.valueKind() == ValueKind::Constant;
      // x->flags |= A keeps what was there and adds A.
      const bool addsToItself = event.value.valueKind() == ValueKind::Load && event.value.index == event.index;
      stores.fieldBits.push_back({path.fields.back(), module, isConstant || addsToItself ? constant : ~0ull});
    }
    switch (event.value.valueKind()) {
    case ValueKind::Function:
    case ValueKind::Local:
      for (FunctionId function : functionsIn(body, event.value))
        bindFunction(path, function, event.place);
      break;
    case ValueKind::Constant:
      if (!path.fields.empty() && constant != 0)
        stores.fieldConstants.push_back({path.fields.back(), module, event.place.file, constant});
      break;
    case ValueKind::Address: {
      const Path &source = body.paths[event.value.index];
      if (source.root == facts::RootKind::Global && !path.fields.empty())
        stores.objectBindings.push_back({noId, path.fields.back(), source.index, module});
      break;
    }
    default:
      break;
    }
  }

private:
  void bindFunction(const Path &path, FunctionId function, Place place) {
    FieldBinding binding;
    binding.function = function;
    binding.module = module;
    binding.setter = setter;
    binding.place = place;
    if (path.fields.empty()) {
      if (path.root == facts::RootKind::Global)
        stores.arrayBindings.push_back({path.index, binding});
      return;
    }
    if (path.root == facts::RootKind::Global)
      binding.object = path.index;
    binding.owners.assign(path.fields.begin(), path.fields.end() - 1);
    stores.fieldBindings.push_back({path.fields.back(), binding});
  }

  const Body &body;
  const FunctionId setter;
  const NameId module;
  llvm::ArrayRef<MaskBits> bits;
  UnitStores &stores;
};

template <typename T> void moveTo(std::vector<T> &from, std::vector<T> &to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

} // namespace

void addStores(const Body &body, FunctionId setter, NameId module, llvm::ArrayRef<MaskBits> bits, UnitStores &stores) {
  StoreCollector collector(body, setter, module, bits, stores);
  for (const BodyEvent &event : body.events)
    if (event.kind == facts::EventKind::Store)
      collector.add(event);
}

void appendStores(UnitStores stores, Program &program) {
  moveTo(stores.fieldBindings, program.fieldBindings);
  moveTo(stores.arrayBindings, program.arrayBindings);
  moveTo(stores.objectBindings, program.objectBindings);
  moveTo(stores.fieldConstants, program.fieldConstants);
  moveTo(stores.fieldBits, program.fieldBits);
}

} // namespace bhlint
