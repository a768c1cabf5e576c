create_clock -name clk -period 4.2 [get_ports clk]
set_propagated_clock [get_clocks clk]
set_clock_uncertainty 0.05 [get_clocks clk]
set ins {}
foreach p [all_inputs] { if {[get_full_name $p] ne "clk"} { lappend ins $p } }
set_input_delay 0.5 -clock clk $ins
set_output_delay 0.5 -clock clk [all_outputs]
set_input_transition 0.12 [all_inputs]
set_load 0.03 [all_outputs]
