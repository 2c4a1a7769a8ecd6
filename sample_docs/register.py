def write_registers(folder): pass
